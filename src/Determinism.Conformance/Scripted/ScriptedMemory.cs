using System.Buffers.Binary;

namespace Determinism.Conformance;

/// <summary>Bytes, and what each vCPU may do with each frame of them.</summary>
internal sealed class ScriptedMemory
{
    private readonly object _lock = new();
    private readonly byte[] _bytes;
    private readonly AccessRight[][] _rights;
    private readonly int _pageShift;

    public ScriptedMemory(int bytes, int vcpuCount, int pageShift)
    {
        _bytes = new byte[bytes];
        _pageShift = pageShift;
        _rights = [.. Enumerable.Range(0, vcpuCount).Select(_ => new AccessRight[((bytes - 1) >> pageShift) + 1])];
    }

    public void SetRight(int vcpu, ulong frame, AccessRight right)
    {
        lock (_lock)
            _rights[vcpu][(int)frame] = right;
    }

    public void SetAllRights(AccessRight right)
    {
        lock (_lock)
        {
            foreach (AccessRight[] rights in _rights)
            {
                for (int frame = 0; frame < rights.Length; frame++)
                    rights[frame] = right;
            }
        }
    }

    /// <summary>Reads a word as a vCPU. False: it may not, and nothing has happened.</summary>
    public bool TryRead(int vcpu, ulong address, out ulong value)
    {
        lock (_lock)
        {
            bool isAllowed = IsAllowed(vcpu, address, AccessRight.Read);
            value = isAllowed ? BinaryPrimitives.ReadUInt64LittleEndian(_bytes.AsSpan((int)address)) : 0;
            return isAllowed;
        }
    }

    /// <summary>Writes a word as a vCPU, or adds to it. False: it may not, and nothing has happened.</summary>
    public bool TryWrite(int vcpu, ulong address, ulong value, bool adds)
    {
        lock (_lock)
        {
            if (!IsAllowed(vcpu, address, AccessRight.ReadWrite))
                return false;
            Span<byte> word = _bytes.AsSpan((int)address);
            BinaryPrimitives.WriteUInt64LittleEndian(
                word, adds ? BinaryPrimitives.ReadUInt64LittleEndian(word) + value : value);
            return true;
        }
    }

    public void CopyTo(ulong address, Span<byte> destination)
    {
        lock (_lock)
            _bytes.AsSpan((int)address, destination.Length).CopyTo(destination);
    }

    public void CopyFrom(ulong address, ReadOnlySpan<byte> source)
    {
        lock (_lock)
            source.CopyTo(_bytes.AsSpan((int)address));
    }

    private bool IsAllowed(int vcpu, ulong address, AccessRight right) =>
        _rights[vcpu][(int)(address >> _pageShift)] >= right && _rights[vcpu][(int)((address + 7) >> _pageShift)] >= right;
}
