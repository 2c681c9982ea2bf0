using System.Text;

namespace Packer.Communicators.WinRm;

/// <summary>
/// The scripts for the machine's PowerShell (Windows PowerShell 3 and later). A script must stay below the 8191 characters that <c>cmd</c> takes for a command,
/// so they are short, and read what is long from standard input.
/// </summary>
internal static class WinRmScripts
{
    /// <summary>What the check says.</summary>
    public const string Sign = "WinRM connected.";

    public const string Check = "Write-Output 'WinRM connected.'";

    /// <summary>Ticks of the time when the machine was started.</summary>
    public const string BootTime = "(Get-CimInstance Win32_OperatingSystem).LastBootUpTime.ToUniversalTime().Ticks";

    /// <summary>Stands before the hash in the last line of a transfer, which says that it is whole.</summary>
    public const string Whole = "whole ";

    private const int LongestCommand = 8000;
    private const int LongestError = 4096;

    /// <summary>Without it PowerShell writes what it has to say of errors as XML, and its progress with it.</summary>
    private const string Plain = "$ErrorActionPreference='Stop';$ProgressPreference='SilentlyContinue';";
    private const string Trap = "trap{[Console]::Error.WriteLine($_.Exception.Message);exit 1}";

    /// <summary>Variables of the environment, written as <c>%NAME%</c> or <c>$env:NAME</c>, stand in paths of Windows.</summary>
    private const string FullPath = "$path=[IO.Path]::GetFullPath([Environment]::ExpandEnvironmentVariables(($path -replace '\\$env:(\\w+)','%$1%')));";

    private const string Zip = "Add-Type -AssemblyName System.IO.Compression,System.IO.Compression.FileSystem;";

    /// <summary>
    /// Reads lines of base64 from standard input into a file beside <c>$path</c>. PowerShell itself gives a script what it reads, line by line, and only to a
    /// <c>process</c> block as it comes.
    /// </summary>
    private const string Receive =
        "$part=$path+'.packer-partial';[void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($path));$file=[IO.File]::Create($part);$sha=[Security.Cryptography.SHA256]::Create()}"
        + "process{" + Trap + "if($_){$bytes=[Convert]::FromBase64String($_);$file.Write($bytes,0,$bytes.Length);[void]$sha.TransformBlock($bytes,0,$bytes.Length,$null,0)}}"
        + "end{" + Trap + "$file.Close();[void]$sha.TransformFinalBlock((New-Object byte[] 0),0,0);";

    private const string SayWhole = "[Console]::Out.WriteLine('" + Whole + "'+[BitConverter]::ToString($sha.Hash).Replace('-',''))";

    /// <summary>Writes a file as lines of base64 to standard output.</summary>
    private const string Give =
        "$file=[IO.File]::OpenRead($path);$sha=[Security.Cryptography.SHA256]::Create();$bytes=New-Object byte[] 36864;"
        + "while(($count=$file.Read($bytes,0,$bytes.Length)) -gt 0){[Console]::Out.WriteLine([Convert]::ToBase64String($bytes,0,$count));[void]$sha.TransformBlock($bytes,0,$count,$null,0)}"
        + "[void]$sha.TransformFinalBlock($bytes,0,0);$file.Close();";

    /// <summary>Takes a file from standard input. It gets its name when it is whole.</summary>
    public static string UploadFile(string path) =>
        "begin{" + Trap + Plain + Path(path) + Receive
        + "if([IO.Directory]::Exists($path)){throw \"'$path' is a folder\"};Move-Item -LiteralPath $part -Destination $path -Force;" + SayWhole + "}";

    /// <summary>Takes a zip archive from standard input, and unpacks it over what is in the folder.</summary>
    public static string UploadFolder(string path) =>
        "begin{" + Trap + Plain + Path(path) + "$folder=$path;$path=[IO.Path]::Combine([IO.Path]::GetTempPath(),[Guid]::NewGuid().ToString()+'.zip');" + Receive
        + Zip + "try{$zip=[IO.Compression.ZipFile]::OpenRead($part);[void][IO.Directory]::CreateDirectory($folder);foreach($entry in $zip.Entries){"
        + "$to=[IO.Path]::Combine($folder,$entry.FullName.Replace('/','\\'));if($entry.FullName.EndsWith('/')){[void][IO.Directory]::CreateDirectory($to)}else{"
        + "[void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($to));[IO.Compression.ZipFileExtensions]::ExtractToFile($entry,$to,$true)}}}"
        + "finally{if($zip){$zip.Dispose()};[IO.File]::Delete($part)};" + SayWhole + "}";

    public static string DownloadFile(string path) => Trap + Plain + Path(path) + Give + SayWhole;

    /// <summary>Gives a folder as a zip archive.</summary>
    public static string DownloadFolder(string path) =>
        Trap + Plain + Path(path) + Zip + "$folder=$path;$path=[IO.Path]::Combine([IO.Path]::GetTempPath(),[Guid]::NewGuid().ToString()+'.zip');"
        + "try{[IO.Compression.ZipFile]::CreateFromDirectory($folder,$path,'Fastest',$false);" + Give + "}finally{[IO.File]::Delete($path)};" + SayWhole;

    /// <summary>The command that runs a script whatever is in it: base64 of UTF-16 (<c>about_PowerShell_exe</c>, EncodedCommand).</summary>
    /// <exception cref="PackerException">It is too long for a command.</exception>
    public static string Encode(string script)
    {
        var command = "powershell -NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand " + Convert.ToBase64String(Encoding.Unicode.GetBytes(script));
        if (command.Length > LongestCommand) throw new PackerException(DiagnosticCodes.TransferFailed, "The path is too long for a command of Windows. Use a shorter one, and copy from there with a script.");
        return command;
    }

    /// <summary>Adds a line of standard error to the reason of a failure. The XML in which PowerShell wraps what else it says is none.</summary>
    public static void AddError(StringBuilder error, string line)
    {
        if (line.StartsWith("#< CLIXML", StringComparison.Ordinal) || line.StartsWith("<Objs", StringComparison.Ordinal) || error.Length > LongestError) return;
        if (error.Length > 0) error.Append(' ');
        error.Append(line.Trim());
    }

    private static string Path(string path) => $"$path='{path.Replace("'", "''", StringComparison.Ordinal)}';" + FullPath;
}
