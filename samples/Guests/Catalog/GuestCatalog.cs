namespace Determinism.Guests;

/// <summary>All guests of this project.</summary>
public static class GuestCatalog
{
    /// <summary>Them, kernels first.</summary>
    public static IReadOnlyList<Guest> All { get; } =
    [
        new("radix", GuestKind.Kernel, "radix sort: scattered writes to everybody's frames"),
        new("lu", GuestKind.Kernel, "blocked LU: blocks read by a row and a column of owners"),
        new("fft", GuestKind.Kernel, "six-step transform: transpositions, all to all"),
        new("ocean", GuestKind.Kernel, "red-black Gauss-Seidel: neighbours' border rows"),
        new("water", GuestKind.Kernel, "all-pairs dynamics: migratory data under many locks"),
        new("barnes", GuestKind.Kernel, "a tree built by all under locks, then read by all"),
        new("private", GuestKind.Pattern, "no sharing"),
        new("readshared", GuestKind.Pattern, "a table read by all"),
        new("migratory", GuestKind.Pattern, "a record handed around"),
        new("prodcons", GuestKind.Pattern, "rings between pairs of vCPUs"),
        new("falseshare", GuestKind.Pattern, "words of all vCPUs in one frame"),
        new("ticketlock", GuestKind.Pattern, "a fair lock, a handover a turn"),
        new("racy", GuestKind.Nondeterministic, "lost updates, a lock-free stack, a check-then-act bug", false),
        new("devices", GuestKind.Nondeterministic, "interrupts, DMA against vCPUs, inputs", false),
        new("hello", GuestKind.Test, "the smallest guest"),
        new("selfmod", GuestKind.Test, "code that changes code"),
    ];

    /// <summary>The guest of a name, or null.</summary>
    /// <param name="name">The name.</param>
    public static Guest? Find(string name) => All.FirstOrDefault(guest => guest.Name == name);
}
