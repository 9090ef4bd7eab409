using System.Runtime.InteropServices;
using Determinism.Kvm.Interop;
using Microsoft.Win32.SafeHandles;

namespace Determinism.Kvm.Memory;

/// <summary>Memory that can be mapped several times: the VMM sees all of it, each vCPU through a view of its own.</summary>
internal sealed class SharedMemory : IDisposable
{
    private readonly SafeFileHandle _file;

    public SharedMemory(string name, ulong bytes)
    {
        _file = new SafeFileHandle(
            SystemCall.Check(Libc.CreateMemory(name, Libc.MemoryCloseOnExec), "create the guest's memory"), ownsHandle: true);
        try
        {
            Bytes = bytes;
            SystemCall.Check(Libc.SetLength(_file, (nint)bytes), "give the guest's memory its size");
            All = Map();
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public ulong Bytes { get; }

    /// <summary>The VMM's own mapping, which no right closes.</summary>
    public Mapping All { get; }

    public Mapping Map() => Mapping.OfFile(_file, Bytes, "map the guest's memory");

    /// <summary>The parts that have ever been touched; what lies between them is zero, and stays untouched.</summary>
    public IEnumerable<(ulong Address, ulong Bytes)> TouchedRanges()
    {
        nint at = 0;
        while ((ulong)at < Bytes)
        {
            nint start = Libc.Seek(_file, at, Libc.SeekData);
            if (start < 0)
            {
                if (Marshal.GetLastPInvokeError() == Libc.NoDevice)
                    yield break;
                throw SystemCall.Failed("look for touched memory");
            }
            at = SystemCall.Check(Libc.Seek(_file, start, Libc.SeekHole), "look for untouched memory");
            yield return ((ulong)start, (ulong)(at - start));
        }
    }

    public void Dispose()
    {
        All.Dispose();
        _file.Dispose();
    }
}
