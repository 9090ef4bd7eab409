namespace Determinism.Log.Tests.SecondReader;

/// <summary>One agent of a checkpoint, as the table has it.</summary>
internal sealed record SecondAgent(ulong Events, byte Place, ulong Position, byte Exit, ulong Exits, ulong[] Point, byte MixedPlace,
    ulong MixedPosition, ulong Digest, ulong State, ulong[] Clock, (ulong Frame, bool Writes)[] Rights);

/// <summary>A checkpoint's block, read by the page.</summary>
internal sealed record SecondCheckpoint(ulong Number, ulong First, SecondAgent[] Agents, (ulong Piece, ulong Content)[] Memory,
    int StateBytes, ulong[] State, byte[][] Contents, bool IsWhole)
{
    private const int Piece = 4096;

    public static SecondCheckpoint Read(byte[] block, int agents)
    {
        var at = new Input(block);
        ulong number = at.Varint();
        bool isWhole = number == 0;
        number = isWhole ? at.Varint() : number;
        (ulong first, ulong stored) = (at.Varint(), at.Varint());
        var all = new SecondAgent[agents];
        for (int agent = 0; agent < agents; agent++)
            all[agent] = ReadAgent(at, agents);
        var memory = new (ulong, ulong)[at.Varint()];
        ulong next = 0;
        for (int index = 0; index < memory.Length; index++)
        {
            ulong piece = next + at.Varint();
            memory[index] = (piece, at.Varint());
            next = piece + 1;
        }
        int bytes = (int)at.Varint();
        ulong[] state = [.. Enumerable.Range(0, (bytes + Piece - 1) / Piece).Select(_ => at.Varint())];
        byte[][] contents = [.. Enumerable.Range(0, (int)stored).Select(_ => at.Bytes(Piece))];
        return at.Left == 0
            ? new SecondCheckpoint(number, first, all, memory, bytes, state, contents, isWhole)
            : throw new NotALogException("something after a checkpoint");
    }

    private static SecondAgent ReadAgent(Input at, int agents)
    {
        (ulong events, byte place, ulong position) = (at.Varint(), at.Byte(), at.Varint());
        (byte exit, ulong exits) = (at.Byte(), at.Varint());
        ulong[] point = [at.Varint(), at.Varint(), at.Varint(), at.Varint()];
        (byte mixed, ulong mixedPosition, ulong digest, ulong state) = (at.Byte(), at.Varint(), at.UInt64(), at.UInt64());
        ulong[] clock = [.. Enumerable.Range(0, agents).Select(_ => at.Varint())];
        var rights = new (ulong, bool)[at.Varint()];
        ulong next = 0;
        for (int index = 0; index < rights.Length; index++)
        {
            ulong one = at.Varint();
            rights[index] = (next + (one >> 1), (one & 1) != 0);
            next += (one >> 1) + 1;
        }
        return new SecondAgent(events, place, position, exit, exits, point, mixed, mixedPosition, digest, state, clock, rights);
    }
}
