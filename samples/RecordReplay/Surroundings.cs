using System.Security.Cryptography;
using System.Runtime.InteropServices;
using System.Text;
using Determinism.Machine;

namespace Determinism.RecordReplay;

/// <summary>The real world: this computer's time, true randomness, and somebody who types.</summary>
internal static class Surroundings
{
    // Far beyond any run of these guests: a guard against a guest that never ends.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private static ReadOnlySpan<byte> Typed => "to be or not to be, that is the question\n"u8;

    public static MachineSurroundings Make()
    {
        int position = 0;
        return new MachineSurroundings
        {
            Time = TimeProvider.System,
            TimeLimit = s_patience,
            Entropy = static () => MemoryMarshal.Read<ulong>(RandomNumberGenerator.GetBytes(sizeof(ulong))),
            ConsoleInput = destination =>
            {
                // A typist's speed is not the machine's: some bytes, at times none.
                int ready = Math.Min(RandomNumberGenerator.GetInt32(8), Math.Min(destination.Length, Typed.Length - position));
                Typed.Slice(position, ready).CopyTo(destination);
                position += ready;
                return ready;
            },
        };
    }
}
