using System.Globalization;
using Determinism.Guests;
using Determinism.Guests.Build;
using Determinism.Kvm;
using Determinism.Machine;
using Determinism.SharingOverhead.Measuring;

namespace Determinism.KvmCosts;

/// <summary>What polls cost on the processor: each guest with and without them, unrecorded, one vCPU, in turn.</summary>
internal static class PollReport
{
    public static void Print(int rounds)
    {
        if (GuestBuilder.FindCompilerMajorVersion() is null || FindSources() is not { } sources)
        {
            Console.WriteLine("Polls: guests without them need gcc and this repository.");
            return;
        }
        DirectoryInfo folder = Directory.CreateTempSubdirectory("nopolls");
        try
        {
            new GuestBuilder(sources, polls: false).BuildAll(folder.FullName);
            Console.WriteLine("Polls, unrecorded runs on KVM, one vCPU, M size, medians.");
            Console.WriteLine("| guest | without s | with s | ratio |");
            Console.WriteLine("| --- | ---: | ---: | ---: |");
            foreach (Guest guest in GuestCatalog.All.Where(guest => guest.Kind is GuestKind.Kernel or GuestKind.Pattern))
                Row(guest, ElfImage.Parse(File.ReadAllBytes(Path.Combine(folder.FullName, guest.Name + ".elf"))), rounds);
            Console.WriteLine();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Row(Guest guest, ElfImage withoutPolls, int rounds)
    {
        var backend = new KvmBackend(new KvmOptions());
        MachineConfiguration polled = guest.Configure(1, ClockKind.SoftwareCounter, Sizes.Of(guest.Name, isLarge: true, isKvm: true))
            with { MemoryBytes = Sizes.MemoryBytes(guest.Name, isLarge: true) };
        MachineConfiguration plain = polled with { Image = withoutPolls, Clock = ClockKind.None };
        var with = new List<double>();
        var without = new List<double>();
        for (int round = 0; round < rounds; round++)
        {
            without.Add(Run(plain, backend));
            with.Add(Run(polled, backend));
        }
        double ratio = Machines.Median(with.Zip(without, (left, right) => left / right));
        Console.WriteLine(string.Format(CultureInfo.InvariantCulture, "| {0} | {1:F3} | {2:F3} | {3:F2} |",
            guest.Name, Machines.Median(without), Machines.Median(with), ratio));
    }

    private static double Run(MachineConfiguration configuration, KvmBackend backend)
    {
        using GuestMachine machine = Machines.Make(configuration, backend);
        return Machines.Time(machine, MachineRuns.StartUnrecorded(machine));
    }

    private static string? FindSources()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string guests = Path.Combine(folder.FullName, "samples", "Guests");
            if (Directory.Exists(Path.Combine(guests, "src")))
                return guests;
        }
        return null;
    }
}
