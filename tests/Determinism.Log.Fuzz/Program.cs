using Determinism.Log.Fuzz;
using SharpFuzz;

switch (args)
{
    case ["corpus", var folder]:
        Directory.CreateDirectory(folder);
        foreach ((string name, byte[] packed) in Corpus.Make())
            File.WriteAllBytes(Path.Combine(folder, name), packed);
        return 0;
    case ["read", .. var paths]:
        foreach (string path in paths)
        {
            (Reading asItIs, Reading @sealed) = FuzzTarget.Run(File.ReadAllBytes(path));
            Console.WriteLine($"{path}: {asItIs.Steps} events, {asItIs.Errors} errors; sealed: {@sealed.Steps} events, {@sealed.Errors} errors");
        }
        return 0;
    case ["libfuzzer"]:
        Fuzzer.LibFuzzer.Run(static packed => FuzzTarget.Run(packed));
        return 0;
    case ["afl"]:
        Fuzzer.OutOfProcess.Run(static stream =>
        {
            using var packed = new MemoryStream();
            stream.CopyTo(packed);
            FuzzTarget.Run(packed.ToArray());
        });
        return 0;
    default:
        Console.Error.WriteLine("corpus FOLDER | read FILE... | afl | libfuzzer");
        return 2;
}
