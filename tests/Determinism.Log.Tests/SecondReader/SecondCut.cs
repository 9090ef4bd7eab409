namespace Determinism.Log.Tests.SecondReader;

/// <summary>Where agents stand, by the page: in a parent block, and in an end block.</summary>
internal sealed record SecondCut(byte[] Identity, ulong HeaderDigest, (ulong Events, byte Place, ulong Position)[] Agents)
{
    public static SecondCut ReadParent(byte[] block, int agents)
    {
        var at = new Input(block);
        return Read(at, at.Bytes(16), at.UInt64(), agents);
    }

    public static SecondCut ReadEnd(byte[] block, int agents) => Read(new Input(block), [], 0, agents);

    private static SecondCut Read(Input at, byte[] identity, ulong header, int agents)
    {
        var all = new (ulong, byte, ulong)[agents];
        for (int agent = 0; agent < agents; agent++)
            all[agent] = (at.Varint(), at.Byte(), at.Varint());
        return at.Left == 0 ? new SecondCut(identity, header, all) : throw new NotALogException("something after a cut");
    }
}
