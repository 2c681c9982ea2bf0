using System.Globalization;
using Microsoft.Build.Framework;
using Packer.Engine.MSBuild;
using TaskItem = Microsoft.Build.Utilities.TaskItem;

namespace Packer.Tasks;

/// <summary>A task that a target of a project calls on any files. What fails is an error at the place of the call.</summary>
public abstract class FileTask : CancelableTask
{
    private protected FileTask()
    {
    }

    /// <summary>The files that are read; a folder stands for all files below it.</summary>
    [Required]
    public ITaskItem[] Files { get; set; } = [];

    private protected IReadOnlyList<string> Paths => [.. Files.Select(FullPath)];

    private protected sealed override async Task<bool> ExecuteAsync(CancellationToken token)
    {
        try
        {
            if (Paths.FirstOrDefault(path => !File.Exists(path) && !Directory.Exists(path)) is { } missing)
                throw new PackerException(DiagnosticCodes.InputMissing, $"There is no file or folder '{missing}'. Correct 'Files', or build it before.");
            await RunAsync(token).ConfigureAwait(false);
        }
        catch (PackerException exception)
        {
            Fail(exception.Code, exception.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Fail(DiagnosticCodes.PostProcessorFailed, $"The files could not be worked on: {exception.Message}");
        }
        return !Log.HasLoggedErrors;
    }

    private protected abstract Task RunAsync(CancellationToken token);

    /// <summary>Relative to the project, as MSBuild has it.</summary>
    private protected static string FullPath(ITaskItem item) => item.GetMetadata("FullPath");

    private protected static TaskItem Written(string path) => new(path, new Dictionary<string, string> { ["Size"] = new FileInfo(path).Length.ToString(CultureInfo.InvariantCulture) });

    private void Fail(string code, string message) =>
        DiagnosticLog.Write(Log, Diagnostic.Error(code, message, new SourceLocation(BuildEngine.ProjectFileOfTaskNode, BuildEngine.LineNumberOfTaskNode, BuildEngine.ColumnNumberOfTaskNode)));
}
