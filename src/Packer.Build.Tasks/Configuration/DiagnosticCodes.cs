namespace Packer;

/// <summary>
/// The codes of diagnostics. <c>00xx</c> config, <c>01xx</c> build and engine, <c>02xx</c> downloads and cache, <c>03xx</c> communicators,
/// <c>04xx</c> provisioners, <c>05xx</c> post-processors, <c>1000</c>–<c>1099</c> the file builder, <c>1100</c>–<c>1199</c> the null builder,
/// <c>1200</c>–<c>1299</c> the appliance builder, <c>1300</c>–<c>1399</c> the qemu builder and what it shares with other builders of machines, above that
/// one hundred for each further builder. A code never changes its meaning.
/// </summary>
public static class DiagnosticCodes
{
    /// <summary>MSBuild too old. The running MSBuild is older than the tasks need.</summary>
    public const string MSBuildTooOld = "PKR0001";

    /// <summary>Duplicate image name. Two PackerImage items have the same name.</summary>
    public const string DuplicateImageName = "PKR0002";

    /// <summary>Invalid image name. An image's name holds characters outside A-Z, a-z, 0-9, '.', '_' and '-'.</summary>
    public const string InvalidImageName = "PKR0003";

    /// <summary>Unknown builder. No loaded plugin brings a builder of that name.</summary>
    public const string UnknownBuilder = "PKR0004";

    /// <summary>Plugin does not load. The assembly of a PackerPlugin item is missing, is no .NET assembly or lacks a dependency.</summary>
    public const string PluginDoesNotLoad = "PKR0005";

    /// <summary>Cycle in DependsOn. Images wait for one another.</summary>
    public const string DependencyCycle = "PKR0006";

    /// <summary>DependsOn names no image. An entry of DependsOn is not the name of an image of the project.</summary>
    public const string UnknownDependency = "PKR0007";

    /// <summary>Pattern matches nothing. A name or glob in PackerOnly, PackerExcept, Images or Except matches no image.</summary>
    public const string PatternMatchesNothing = "PKR0008";

    /// <summary>Output directory shared by two images. Two images would write to the same directory.</summary>
    public const string SharedOutputDirectory = "PKR0009";

    /// <summary>Unknown key. The component has no such key.</summary>
    public const string UnknownKey = "PKR0010";

    /// <summary>Wrong value. The value of a key has the wrong form, or lies outside what is allowed.</summary>
    public const string WrongValue = "PKR0011";

    /// <summary>Required key missing. A key without which the component cannot work is not set.</summary>
    public const string RequiredKeyMissing = "PKR0012";

    /// <summary>Deprecated key. The key has another name now; the old one still works.</summary>
    public const string DeprecatedKey = "PKR0013";

    /// <summary>Conflicting keys. Two keys exclude each other, or one key is written twice in one place in two spellings.</summary>
    public const string ConflictingKeys = "PKR0014";

    /// <summary>ConfigFile cannot be read. The file is missing, is no JSON object or has the same key twice.</summary>
    public const string ConfigFileUnreadable = "PKR0015";

    /// <summary>Literal secret. A secret stands in the project, so it shows in logs and binary logs; changing it does not make the image out of date.</summary>
    public const string LiteralSecret = "PKR0016";

    /// <summary>Secret reference cannot be resolved. The environment variable of a secret is not set, or its file cannot be read.</summary>
    public const string SecretUnresolved = "PKR0017";

    /// <summary>Template error. The text between '{{' and '}}' is wrong, or names an unknown function, field or variable.</summary>
    public const string TemplateError = "PKR0018";

    /// <summary>Input file missing or unreadable. A file or directory that the config names does not exist or cannot be read.</summary>
    public const string InputMissing = "PKR0019";

    /// <summary>Unknown provisioner. No loaded plugin brings a provisioner of that type.</summary>
    public const string UnknownProvisioner = "PKR0020";

    /// <summary>Unknown post-processor. No loaded plugin brings a post-processor of that type.</summary>
    public const string UnknownPostProcessor = "PKR0021";

    /// <summary>Unknown Packer property. A property Packer&lt;Key&gt; was given on the command line, but no component has that key.</summary>
    public const string UnknownProperty = "PKR0022";

    /// <summary>Builder does not provision. A provisioner names an image whose builder starts no machine, so it never runs for it.</summary>
    public const string BuilderDoesNotProvision = "PKR0023";

    /// <summary>Invalid control property value. A property such as PackerOnError has a value that it does not know.</summary>
    public const string InvalidControlProperty = "PKR0024";

    /// <summary>Plugin registers a name twice. Two components of one kind have the same name; the first one is used.</summary>
    public const string DuplicateRegistration = "PKR0025";

    /// <summary>No app. An image runs the app of the project, but the project makes no program.</summary>
    public const string NoApp = "PKR0026";

    /// <summary>Output folder holds other files. Building the image would replace a folder that no build of the image has made.</summary>
    public const string OutputDirectoryNotOwn = "PKR0027";

    /// <summary>Lock file unreadable. The project's packer.lock.json is damaged or of another version of the SDK.</summary>
    public const string LockFileUnreadable = "PKR0028";

    /// <summary>Lock file out of date. The lock file does not fit what the image is made of now.</summary>
    public const string LockFileOutOfDate = "PKR0029";

    /// <summary>Build cancelled. The build was stopped before the image was complete; everything has been cleaned up.</summary>
    public const string BuildCancelled = "PKR0101";

    /// <summary>Build failed. A step of the build failed.</summary>
    public const string BuildFailed = "PKR0102";

    /// <summary>Image is being built by another process. Another build holds the lock of the image's output directory.</summary>
    public const string ImageBusy = "PKR0103";

    /// <summary>Image out of date. The build only asks whether something is out of date (-question), and this image is.</summary>
    public const string ImageOutOfDate = "PKR0104";

    /// <summary>Output directory not writable. Files cannot be created in the image's output directory.</summary>
    public const string OutputNotWritable = "PKR0105";

    /// <summary>Builder threw unexpectedly. A builder ended with an exception that is not meant for users: a defect of the builder.</summary>
    public const string BuilderThrew = "PKR0106";

    /// <summary>Clean-up failed. A step could not undo what it had done; something may be left behind.</summary>
    public const string CleanupFailed = "PKR0107";

    /// <summary>Program does not start. A program that the build needs is missing or cannot be run.</summary>
    public const string ProgramDoesNotStart = "PKR0108";

    /// <summary>No terminal. The build wants to ask a person, and none can be reached.</summary>
    public const string NoTerminal = "PKR0109";

    /// <summary>Image failed its test. The finished image was started and did not answer as its TestHttp asks.</summary>
    public const string ImageTestFailed = "PKR0110";

    /// <summary>Nothing to boot. The image has no disk that QEMU could start.</summary>
    public const string NothingToBoot = "PKR0111";

    /// <summary>Not one image to run. PackerRun starts one image, and none or several are selected.</summary>
    public const string NotOneImageToRun = "PKR0112";

    /// <summary>Image runs already. Another PackerRun of the image has not ended.</summary>
    public const string ImageRunsAlready = "PKR0113";

    /// <summary>Image not testable. A builder that a target calls by hand tests no image.</summary>
    public const string ImageNotTestable = "PKR0114";

    /// <summary>Download failed. None of the URLs could be downloaded.</summary>
    public const string DownloadFailed = "PKR0201";

    /// <summary>Checksum mismatch. The file is not the one that the checksum describes.</summary>
    public const string ChecksumMismatch = "PKR0202";

    /// <summary>Checksum malformed. The checksum is not of a known form.</summary>
    public const string ChecksumMalformed = "PKR0203";

    /// <summary>Cache not usable. The cache folder cannot be created, locked or written.</summary>
    public const string CacheNotUsable = "PKR0204";

    /// <summary>Disk full. There is no space left where the build writes.</summary>
    public const string DiskFull = "PKR0205";

    /// <summary>Communicator missing. Something has to run in the machine, but the image has no communicator.</summary>
    public const string CommunicatorMissing = "PKR0301";

    /// <summary>SSH: no address. The machine had no address within SshTimeout.</summary>
    public const string SshAddressUnknown = "PKR0302";

    /// <summary>SSH: no connection. Nothing accepted a TCP connection at the machine's SSH port within SshTimeout.</summary>
    public const string SshNotListening = "PKR0303";

    /// <summary>SSH: no answer. The SSH port accepts connections, but no SSH server answered, or its handshake did not end within SshTimeout.</summary>
    public const string SshNoAnswer = "PKR0304";

    /// <summary>SSH: login refused. The machine's SSH server is up, but does not let the user in by any of the ways that are set.</summary>
    public const string SshLoginRefused = "PKR0305";

    /// <summary>SSH: host key refused. The machine showed another host key than the one that SshHostKeyPolicy allows.</summary>
    public const string SshHostKeyRefused = "PKR0306";

    /// <summary>SSH: key not usable. A private key or certificate cannot be read, or needs a passphrase.</summary>
    public const string SshKeyUnusable = "PKR0307";

    /// <summary>SSH: agent not usable. The SSH agent cannot be reached, or does not do what it was asked for.</summary>
    public const string SshAgentUnusable = "PKR0308";

    /// <summary>SSH: no way to the machine. The jump host or the proxy cannot be used, or a tunnel cannot be opened.</summary>
    public const string SshGatewayFailed = "PKR0309";

    /// <summary>SSH: connection lost. The connection to the machine was lost and could not be made again.</summary>
    public const string SshConnectionLost = "PKR0310";

    /// <summary>File transfer failed. A file could not be copied to or from the machine.</summary>
    public const string TransferFailed = "PKR0311";

    /// <summary>WinRM: no address. The machine that is to be reached had no network address in time.</summary>
    public const string WinRmAddressUnknown = "PKR0313";

    /// <summary>WinRM: nothing listens. Nothing accepted a connection at the machine's address and port in time.</summary>
    public const string WinRmNotListening = "PKR0314";

    /// <summary>WinRM: no answer. The port accepts connections, but no WinRM service answered in time.</summary>
    public const string WinRmNoAnswer = "PKR0315";

    /// <summary>WinRM: login refused. The WinRM service did not let the user in.</summary>
    public const string WinRmLoginRefused = "PKR0316";

    /// <summary>WinRM: certificate refused. The certificate of the machine is not one that this machine trusts, or is made for another name.</summary>
    public const string WinRmCertificateRefused = "PKR0317";

    /// <summary>WinRM: machine not ready. One could log in, but no PowerShell ran in time.</summary>
    public const string WinRmNotReady = "PKR0318";

    /// <summary>WinRM: connection lost. No command could be started in the machine, which had been reached before.</summary>
    public const string WinRmConnectionLost = "PKR0319";

    /// <summary>WinRM: request refused. The WinRM service refused to start a command.</summary>
    public const string WinRmRefused = "PKR0320";

    /// <summary>Provisioner failed. A provisioner ended with an error.</summary>
    public const string ProvisionerFailed = "PKR0401";

    /// <summary>Provisioner timed out. A provisioner ran longer than its Timeout.</summary>
    public const string ProvisionerTimedOut = "PKR0402";

    /// <summary>Script failed. A script ended with an exit code that does not count as success.</summary>
    public const string ScriptFailed = "PKR0403";

    /// <summary>Connection lost during a script. The connection to the machine ended before the script did.</summary>
    public const string ScriptDisconnected = "PKR0404";

    /// <summary>Script not started. A script could not be copied to the machine or started there within StartRetryTimeout.</summary>
    public const string ScriptNotStarted = "PKR0405";

    /// <summary>File not copied. A file or folder could not be copied to the machine or from it.</summary>
    public const string FileNotCopied = "PKR0406";

    /// <summary>Temporary file left on the machine. A file that was put on the machine for a script could not be removed.</summary>
    public const string RemoteFileLeft = "PKR0407";

    /// <summary>Restart failed. The machine did not restart, or was not back in time.</summary>
    public const string RestartFailed = "PKR0408";

    /// <summary>Restart cannot be waited for. The connection of the image cannot tell when a machine has restarted.</summary>
    public const string RestartNotSupported = "PKR0409";

    /// <summary>Two clean-up provisioners. More than one provisioner with Cleanup applies to an image.</summary>
    public const string SecondCleanupProvisioner = "PKR0410";

    /// <summary>Override malformed. The Override of a provisioner is no JSON object of keys by image, or names an image that there is not.</summary>
    public const string InvalidOverride = "PKR0411";

    /// <summary>Playbook failed. Ansible ended with an error.</summary>
    public const string PlaybookFailed = "PKR0412";

    /// <summary>Post-processor failed. A post-processor ended with an error; the image itself has been kept.</summary>
    public const string PostProcessorFailed = "PKR0501";

    /// <summary>Disk not converted. A disk cannot be read, or cannot be written in the format that is asked for.</summary>
    public const string DiskNotConverted = "PKR0510";

    /// <summary>No disk to work on. A file that a post-processor was given is no disk that it knows, or there is none.</summary>
    public const string NotADisk = "PKR0511";

    /// <summary>Vagrant box not made. A box cannot be made of what the post-processor vagrant was given.</summary>
    public const string VagrantBoxNotMade = "PKR0512";

    /// <summary>Compression not known. The name of the compressed file, or the key Format, names no known archive and compression.</summary>
    public const string CompressionUnknown = "PKR0520";

    /// <summary>Files cannot be compressed so. There are none, more than one where the format holds one, or one of them is the compressed file itself.</summary>
    public const string CompressionInputs = "PKR0521";

    /// <summary>Compressing failed. A file could not be read, or the compressed file could not be written.</summary>
    public const string CompressionFailed = "PKR0522";

    /// <summary>File of artifice missing. A file that the artifact is to have is not there.</summary>
    public const string ArtificeFileMissing = "PKR0523";

    /// <summary>Nothing to push. The artifact has no files that a registry could hold.</summary>
    public const string NothingToPush = "PKR0524";

    /// <summary>Registry refuses. A registry, or its token service, does not let the user push.</summary>
    public const string RegistryRefused = "PKR0525";

    /// <summary>Registry failed. A registry cannot be reached, or answers what it must not.</summary>
    public const string RegistryFailed = "PKR0526";

    /// <summary>Report not written. The images were built, but the report of the build could not be written beside them.</summary>
    public const string ReportNotWritten = "PKR0540";

    /// <summary>Target outside the output folder. The target of the builder file leads out of the image's folder.</summary>
    public const string FileTargetOutside = "PKR1001";

    /// <summary>No Debian mirror known. Neither the image nor apt on this machine says where Debian's archives are.</summary>
    public const string DebianMirrorMissing = "PKR1200";

    /// <summary>Debian archive not trusted. No valid signature of a trusted key stands under the archive's index.</summary>
    public const string DebianNotTrusted = "PKR1201";

    /// <summary>Debian mirror out of date or damaged. What the mirror sent is not what the signed index says, is another suite, or has run out.</summary>
    public const string DebianMirrorWrong = "PKR1202";

    /// <summary>Debian mirror unreachable. A file of the archive could not be fetched.</summary>
    public const string DebianMirrorUnreachable = "PKR1203";

    /// <summary>Debian packages cannot be chosen. The archives lack a package that the image needs, or two of them exclude each other.</summary>
    public const string DebianPackagesUnsatisfiable = "PKR1204";

    /// <summary>Disk too small. The content of the image does not fit into the DiskSize that is set.</summary>
    public const string DiskTooSmall = "PKR1205";

    /// <summary>App does not run in the image. The published program is missing, or is none for 64-bit x86 Linux with glibc.</summary>
    public const string AppDoesNotRun = "PKR1206";

    /// <summary>No app for the image. The image is built from an app, but none was published for it.</summary>
    public const string AppMissing = "PKR1207";

    /// <summary>Image cannot be composed. A file cannot be read or written, or cannot be part of a file system of the image.</summary>
    public const string ImageNotComposed = "PKR1208";

    /// <summary>Maintainer scripts do not run. A package of the image would set something up when it is installed, which does not happen here.</summary>
    public const string ScriptsDoNotRun = "PKR1209";

    /// <summary>File not put into the image. An entry of Files or Directories cannot be read, belongs to nobody, or would replace what starts the machine.</summary>
    public const string FileNotAdded = "PKR1214";

    /// <summary>App runs as root. A fault in the app would give the whole machine away.</summary>
    public const string AppRunsAsRoot = "PKR1215";

    /// <summary>Working directory missing. The folder that an app is to be started in is not in the image.</summary>
    public const string WorkingDirectoryMissing = "PKR1216";

    /// <summary>App of another project cannot be added. An item PackerImageApp has a wrong name or project, an image that takes none, or is not restored.</summary>
    public const string AddedAppWrong = "PKR1217";

    /// <summary>Kernel does not fit. The packages of the image bring none or several kernels, or one without a driver that every image has.</summary>
    public const string KernelDoesNotFit = "PKR1218";

    /// <summary>Signing key cannot be used. The key that is to sign the image for Secure Boot cannot be read, or firmware does not take its kind.</summary>
    public const string SigningKeyNotUsable = "PKR1220";

    /// <summary>Accelerator does not work. The processor's virtualization cannot be used on this machine, so the guest is emulated in software.</summary>
    public const string AcceleratorDoesNotWork = "PKR1301";

    /// <summary>UEFI firmware missing. The image boots by UEFI, and no firmware for QEMU was found on this machine.</summary>
    public const string FirmwareMissing = "PKR1302";

    /// <summary>No free port. Every port of the range is taken.</summary>
    public const string NoFreePort = "PKR1303";

    /// <summary>Disk not made. qemu-img could not make, copy or convert a disk.</summary>
    public const string DiskNotMade = "PKR1304";

    /// <summary>Machine does not start. QEMU is not installed, or it ended as soon as it was started.</summary>
    public const string MachineDoesNotStart = "PKR1305";

    /// <summary>Shutdown timed out. The guest did not switch itself off in time.</summary>
    public const string ShutdownTimedOut = "PKR1306";

    /// <summary>Checkpoint not taken. The state of the machine could not be kept; the build went on without it.</summary>
    public const string CheckpointNotTaken = "PKR1311";

    /// <summary>Checkpoint not usable. A checkpoint is damaged or cannot be resumed, so it was deleted and the build began earlier.</summary>
    public const string CheckpointNotUsable = "PKR1312";

    /// <summary>Boot command malformed. A wait in a boot command is not written as it must be.</summary>
    public const string BootCommandMalformed = "PKR1320";

    /// <summary>Character cannot be typed. The boot command types a character that no key of the keyboard layout gives.</summary>
    public const string BootCharacterUntypable = "PKR1321";

    /// <summary>Boot command waited in vain. What the boot command waits for on the screen or the serial console did not come in time.</summary>
    public const string BootWaitTimedOut = "PKR1322";

    /// <summary>Picture cannot be read. A picture that the boot command compares the screen with is missing, or is no PNG of a kind that is read.</summary>
    public const string BootPictureUnreadable = "PKR1323";

    /// <summary>Console missing. The boot command waits for a console that the machine does not have.</summary>
    public const string BootConsoleMissing = "PKR1324";

    /// <summary>Machine refused a command. The hypervisor refused a command that the build sent to the running machine.</summary>
    public const string MachineCommandFailed = "PKR1325";

    /// <summary>Connection to the machine lost. The hypervisor ended, or closed the connection, while the build still needed it.</summary>
    public const string MachineConnectionLost = "PKR1326";

    /// <summary>Machine cannot be reached. The socket of a machine that has just been started cannot be connected to.</summary>
    public const string MachineUnreachable = "PKR1327";

    /// <summary>VNC connection failed. The VNC server refused the password, asks for a kind of security that is not supported, or is none.</summary>
    public const string VncFailed = "PKR1328";

    /// <summary>Guest stopped. The guest crashed, or the hypervisor stopped it because of an error.</summary>
    public const string GuestStopped = "PKR1329";

    /// <summary>CD or floppy cannot be made. Its files cannot be read, do not fit, or cannot be part of it.</summary>
    public const string MediumNotMade = "PKR1340";

    /// <summary>No free HTTP port. Every port that the HTTP server may take is taken.</summary>
    public const string HttpPortsTaken = "PKR1341";

    /// <summary>HTTP address not usable. The HTTP server cannot listen at the address or on the network interface.</summary>
    public const string HttpAddressNotUsable = "PKR1342";

    /// <summary>ISO not verified. IsoChecksum is none, so that nobody notices a damaged or exchanged ISO.</summary>
    public const string IsoNotVerified = "PKR1343";

    /// <summary>ISO cannot be placed. It was retrieved, but could not be written to IsoTargetPath.</summary>
    public const string IsoTargetNotWritable = "PKR1344";

    /// <summary>HTTP server ended. It could take no more connections while the machine was built.</summary>
    public const string HttpServerEnded = "PKR1345";

    /// <summary>ISO cannot be read in place. No address of it leads to a server that gives parts of it, as IsoSkipCache needs.</summary>
    public const string IsoNotReadable = "PKR1346";

    /// <summary>Maintainer script unknown. A package of an image of the shape debian has one, and the SDK does not know what it does.</summary>
    public const string MaintainerScriptUnknown = "PKR1347";

    /// <summary>Maintainer script changed. A package of an image of the shape debian has another version of one that the SDK knows.</summary>
    public const string MaintainerScriptChanged = "PKR1348";

    /// <summary>The page that explains a code, or null for a code of a plugin.</summary>
    /// <param name="code">The code.</param>
    internal static string? HelpLink(string code) =>
        code.StartsWith("PKR", StringComparison.Ordinal) ? $"https://github.com/packer-sdk/packer-sdk/blob/main/docs/errors.md#{code.ToLowerInvariant()}" : null;
}
