using System.Globalization;
using Packer.Bench;
using Packer.Bench.Suites;

const string Usage = """
    dotnet run --project bench -c Release -- <suite>… [--rounds N] [--mebibytes N] [--only TEXT] [--no-pack]
      suites: noop, parallel, packer, formats, compress, convert, qemu, appliance, edit, boot, or all
      --rounds N   how often each contestant runs (default: 15 for noop, 3 for formats, compress, convert, qemu, appliance and boot, 7 for the others)
      --mebibytes N  how much data the disk has of formats and compress (default: 1024) and of convert (default: 2048)
      --only TEXT  only those contests of formats, compress, convert and appliance whose name has this text, as in 'zst' or 'qcow2, none to raw'
      --no-pack    takes the package that lies in artifacts/packages already
    """;

if (args is [ImageProcess.Argument, var request])
{
    await ImageProcess.MakeAsync(request);
    return 0;
}

var suites = new List<string>();
int? rounds = null;
int? mebibytes = null;
var only = "";
var pack = true;
for (var index = 0; index < args.Length; index++)
{
    switch (args[index])
    {
        case "--rounds" when index + 1 < args.Length && int.TryParse(args[index + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given > 0:
            rounds = given;
            index++;
            break;
        case "--mebibytes" when index + 1 < args.Length && int.TryParse(args[index + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0:
            mebibytes = size;
            index++;
            break;
        case "--only" when index + 1 < args.Length:
            only = args[++index];
            break;
        case "--no-pack":
            pack = false;
            break;
        case "all":
            suites.AddRange(["noop", "parallel", "packer", "formats", "compress", "convert", "qemu", "appliance", "edit", "boot"]);
            break;
        case "noop" or "parallel" or "packer" or "formats" or "compress" or "convert" or "qemu" or "appliance" or "edit" or "boot":
            suites.Add(args[index]);
            break;
        default:
            suites.Clear();
            index = args.Length;
            break;
    }
}
if (suites.Count == 0)
{
    Console.Error.WriteLine(Usage);
    return 2;
}

var sandbox = new Sandbox();
// These are run by the library itself, without a package.
if (suites.Any(suite => suite is not ("formats" or "compress" or "convert"))) await sandbox.PrepareAsync(pack);
Console.WriteLine(Machine.Describe());
foreach (var suite in suites)
{
    Console.WriteLine($"\nLoad average at the start of '{suite}': {Machine.Load()}\n");
    await (suite switch
    {
        "noop" => NoOpSuite.RunAsync(sandbox, rounds ?? 15),
        "parallel" => ParallelSuite.RunAsync(sandbox, rounds ?? 7),
        "formats" => FormatsSuite.RunAsync(Path.Combine(Path.GetTempPath(), $"packer-bench-formats-{Environment.ProcessId}"), rounds ?? 3, mebibytes ?? 1024, only),
        "appliance" => ApplianceSuite.RunAsync(sandbox, rounds ?? 3, only),
        "edit" => EditSuite.RunAsync(sandbox, rounds ?? 7),
        "boot" => BootSuite.RunAsync(sandbox, rounds ?? 3),
        "qemu" => QemuSuite.RunAsync(sandbox, rounds ?? 3),
        "compress" => CompressSuite.RunAsync(Path.Combine(Path.GetTempPath(), $"packer-bench-compress-{Environment.ProcessId}"), rounds ?? 3, mebibytes ?? 1024, only),
        "convert" => ConvertSuite.RunAsync(Path.Combine(Path.GetTempPath(), $"packer-bench-convert-{Environment.ProcessId}"), rounds ?? 3, mebibytes ?? 2048, only),
        _ => PackerSuite.RunAsync(sandbox, rounds ?? 7),
    });
    Console.WriteLine($"\nLoad average at its end: {Machine.Load()}");
}
return 0;
