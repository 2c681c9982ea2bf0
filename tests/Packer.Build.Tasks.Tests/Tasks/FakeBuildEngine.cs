using System.Collections;
using System.Globalization;
using Microsoft.Build.Framework;

namespace Packer.Tests.Tasks;

/// <summary>An engine that keeps what tasks log. Each error and warning is one line: <c>error PKR0011 app.csproj(3): text</c>.</summary>
internal sealed class FakeBuildEngine(string projectFile, IReadOnlyDictionary<string, string>? globalProperties = null) : IBuildEngine6
{
    private readonly Lock gate = new();
    private readonly List<string> diagnostics = [];
    private readonly List<string> messages = [];

    /// <summary>Errors and warnings.</summary>
    public IReadOnlyList<string> Diagnostics
    {
        get
        {
            lock (gate) return [.. diagnostics];
        }
    }

    /// <summary>Messages of every importance.</summary>
    public IReadOnlyList<string> Messages
    {
        get
        {
            lock (gate) return [.. messages];
        }
    }

    public bool ContinueOnError => false;

    public int LineNumberOfTaskNode => 0;

    public int ColumnNumberOfTaskNode => 0;

    public string ProjectFileOfTaskNode => projectFile;

    public bool IsRunningMultipleNodes => false;

    public void LogErrorEvent(BuildErrorEventArgs e) => Add(diagnostics, Text("error", e.Code, e.File, e.LineNumber, e.Message));

    public void LogWarningEvent(BuildWarningEventArgs e) => Add(diagnostics, Text("warning", e.Code, e.File, e.LineNumber, e.Message));

    public void LogMessageEvent(BuildMessageEventArgs e) => Add(messages, e.Message ?? "");

    public void LogCustomEvent(CustomBuildEventArgs e)
    {
    }

    public void LogTelemetry(string eventName, IDictionary<string, string> properties)
    {
    }

    public IReadOnlyDictionary<string, string> GetGlobalProperties() => globalProperties ?? new Dictionary<string, string>();

    public void Yield()
    {
    }

    public void Reacquire()
    {
    }

    public object GetRegisteredTaskObject(object key, RegisteredTaskObjectLifetime lifetime) => null!;

    public void RegisterTaskObject(object key, object obj, RegisteredTaskObjectLifetime lifetime, bool allowEarlyCollection)
    {
    }

    public object UnregisterTaskObject(object key, RegisteredTaskObjectLifetime lifetime) => null!;

    public bool BuildProjectFile(string projectFileName, string[] targetNames, IDictionary globalProperties, IDictionary targetOutputs) => throw new NotSupportedException();

    public bool BuildProjectFile(string projectFileName, string[] targetNames, IDictionary globalProperties, IDictionary targetOutputs, string toolsVersion) => throw new NotSupportedException();

    public bool BuildProjectFilesInParallel(string[] projectFileNames, string[] targetNames, IDictionary[] globalProperties, IDictionary[] targetOutputsPerProject, string[] toolsVersion, bool useResultsCache, bool unloadProjectsOnCompletion) => throw new NotSupportedException();

    public BuildEngineResult BuildProjectFilesInParallel(string[] projectFileNames, string[] targetNames, IDictionary[] globalProperties, IList<string>[] removeGlobalProperties, string[] toolsVersion, bool returnTargetOutputs) => throw new NotSupportedException();

    private static string Text(string severity, string code, string? file, int line, string? message) =>
        string.Create(CultureInfo.InvariantCulture, $"{severity} {code} {Path.GetFileName(file)}({line}): {message}");

    private void Add(List<string> list, string text)
    {
        lock (gate) list.Add(text);
    }
}
