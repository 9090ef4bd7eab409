using System.Globalization;
using System.Text.Json;
using Determinism.Emulation.Races;
using Determinism.Log;
using Determinism.Machine;

namespace Determinism.Tool.Races;

/// <summary>Races, for people and for programs.</summary>
internal sealed class RacesText(RaceReport found, IEventLogReader log)
{
    private readonly int _vcpus = MachineConfiguration.ReadFrom(log).VcpuCount;

    public void Write(TextWriter output)
    {
        output.WriteLine(Invariant($"{Plural(found.Races.Count, "race")} in {found.Accesses} accesses, {found.Synchronisations} synchronisations"));
        if (!log.IsComplete)
            output.WriteLine("The log was not completed: what came after its end was not looked at.");
        if (found.ReleaseStores == 0)
            output.WriteLine("The program tells of no release stores: what it releases by plain stores is reported as a race.");
        foreach (Race race in found.Races)
        {
            output.WriteLine();
            output.WriteLine(Invariant($"{race.Variable} (0x{race.Address:x}, {Plural(race.Size, "byte")}), {Plural(race.Count, "time")}; the first:"));
            WriteAccess(output, race.First);
            WriteAccess(output, race.Second);
        }
    }

    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteBoolean("complete", log.IsComplete);
        json.WriteNumber("accesses", found.Accesses);
        json.WriteNumber("synchronisations", found.Synchronisations);
        json.WriteNumber("releaseStores", found.ReleaseStores);
        json.WriteStartArray("races");
        foreach (Race race in found.Races)
        {
            json.WriteStartObject();
            json.WriteString("variable", race.Variable);
            json.WriteString("address", Invariant($"0x{race.Address:x}"));
            json.WriteNumber("size", race.Size);
            json.WriteNumber("count", race.Count);
            WriteAccess(json, "first", race.First);
            WriteAccess(json, "second", race.Second);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteAccess(TextWriter output, RaceAccess access)
    {
        string what = access.IsWrite ? "wrote" : "read";
        string value = access.Value is { } known ? Invariant($" 0x{known:x}") : "";
        string address = access.Instruction is { } instruction ? Invariant($" (0x{instruction:x})") : "";
        string locked = access.IsSynchronisation ? ", synchronising" : "";
        output.WriteLine($"  {NameOf(access.Agent)} {what}{value} at {access.Place}{address}{locked}");
    }

    private static void WriteAccess(Utf8JsonWriter json, string name, RaceAccess access)
    {
        json.WriteStartObject(name);
        json.WriteNumber("agent", access.Agent);
        json.WriteString("place", access.Place);
        if (access.Instruction is { } instruction)
            json.WriteString("instruction", Invariant($"0x{instruction:x}"));
        json.WriteBoolean("write", access.IsWrite);
        json.WriteBoolean("synchronising", access.IsSynchronisation);
        if (access.Value is { } value)
            json.WriteString("value", Invariant($"0x{value:x}"));
        json.WriteEndObject();
    }

    private string NameOf(int agent) => agent < _vcpus ? Invariant($"vCPU {agent}") : Invariant($"agent {agent}");

    private static string Plural(long count, string what) => Invariant($"{count} {what}{(count == 1 ? "" : "s")}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
