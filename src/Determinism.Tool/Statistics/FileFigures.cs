using Determinism.Log;

namespace Determinism.Tool.Statistics;

/// <summary>What a log's files hold, by blocks: contents with their headers, links and padding.</summary>
internal sealed class FileFigures
{
    private FileFigures(long total, IReadOnlyDictionary<BlockKind, KindFigures> blocks)
    {
        Total = total;
        Blocks = blocks;
        Rest = total - blocks.Values.Sum(static figures => figures.Bytes);
    }

    /// <summary>Bytes of all files.</summary>
    public long Total { get; }

    /// <summary>Blocks by kind.</summary>
    public IReadOnlyDictionary<BlockKind, KindFigures> Blocks { get; }

    /// <summary>Starts and ends of segments, the manifest, and what is after the last whole block.</summary>
    public long Rest { get; }

    public static FileFigures Of(FileEventLogReader log)
    {
        var blocks = new SortedDictionary<BlockKind, KindFigures>();
        foreach (LogBlockInfo block in log.ReadBlocks())
        {
            if (!blocks.TryGetValue(block.Kind, out KindFigures? figures))
                blocks.Add(block.Kind, figures = new KindFigures());
            figures.Add(new BlockHeader { StoredLength = block.StoredBytes }.Reach(log.IsChained));
        }
        long total = 0;
        foreach (string name in log.Storage.List())
        {
            using ILogFile file = log.Storage.Open(name);
            total += file.Length;
        }
        return new FileFigures(total, blocks);
    }
}
