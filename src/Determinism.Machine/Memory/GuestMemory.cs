using System.Runtime.InteropServices;

namespace Determinism.Machine;

/// <summary>The guest's physical memory, flat, as plain bytes that all vCPUs share.</summary>
/// <remarks>Rights are not its business: who calls holds them. Thread-safe as far as plain bytes are.</remarks>
public sealed unsafe class GuestMemory : IDisposable
{
    private readonly void* _allocation;
    private readonly SafeHandle? _mapping;
    private readonly Func<IEnumerable<(ulong Address, ulong Bytes)>>? _touched;
    private byte* _start;

    /// <summary>Allocates memory of zeros, page by page as it is touched.</summary>
    /// <param name="size">Bytes; a multiple of 4096.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is not.</exception>
    public GuestMemory(ulong size)
    {
        const nuint Page = 4096;
        ArgumentOutOfRangeException.ThrowIfZero(size);
        ArgumentOutOfRangeException.ThrowIfNotEqual(size % Page, 0UL, nameof(size));
        Size = size;
        // From calloc, so that pages cost nothing until touched; a page more for the alignment.
        _allocation = NativeMemory.AllocZeroed((nuint)size + Page);
        _start = (byte*)(((nuint)_allocation + Page - 1) & ~(Page - 1));
    }

    /// <summary>Takes over memory that a backend has mapped.</summary>
    /// <param name="mapping">It; its handle is the address of the first byte. Disposed with this.</param>
    /// <param name="size">Bytes; a multiple of 4096.</param>
    /// <param name="touched">Says what of it has ever been touched, ascending.</param>
    public GuestMemory(SafeHandle mapping, ulong size, Func<IEnumerable<(ulong Address, ulong Bytes)>> touched)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        ArgumentNullException.ThrowIfNull(touched);
        Size = size;
        _mapping = mapping;
        _touched = touched;
        _start = (byte*)mapping.DangerousGetHandle();
    }

    /// <summary>Bytes.</summary>
    public ulong Size { get; }

    /// <summary>The parts that may hold anything but zeros, ascending; to look elsewhere may cost memory.</summary>
    public IEnumerable<(ulong Address, ulong Bytes)> TouchedRanges() => _touched is null ? [(0, Size)] : _touched();

    /// <summary>The first byte.</summary>
    /// <exception cref="ObjectDisposedException">The memory was freed.</exception>
    public byte* Start
    {
        get
        {
            ObjectDisposedException.ThrowIf(_start is null, this);
            return _start;
        }
    }

    /// <summary>Some bytes of it.</summary>
    /// <param name="address">Guest-physical address.</param>
    /// <param name="length">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">They lie outside.</exception>
    public Span<byte> Slice(ulong address, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (address > Size || (ulong)length > Size - address)
            throw new ArgumentOutOfRangeException(nameof(address), address, $"{length} bytes there lie outside of memory.");
        return new Span<byte>(Start + address, length);
    }

    /// <summary>A structure in it.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="address">Guest-physical address.</param>
    public ref T At<T>(ulong address)
        where T : unmanaged => ref MemoryMarshal.AsRef<T>(Slice(address, sizeof(T)));

    /// <summary>Frees the memory; nothing may run on it any more.</summary>
    public void Dispose()
    {
        if (_start is null)
            return;
        _start = null;
        if (_mapping is null)
            NativeMemory.Free(_allocation);
        else
            _mapping.Dispose();
    }
}
