using System.Collections;
using System.Collections.Concurrent;
using Microsoft.Build.Framework;

namespace Packer.Tests.Engine;

/// <summary>A build engine that can only log: a task that uses anything else of it fails, as it must not do so after a cancel.</summary>
internal sealed class LoggingEngine : IBuildEngine
{
    public ConcurrentQueue<BuildErrorEventArgs> Errors { get; } = [];

    public ConcurrentQueue<string?> Messages { get; } = [];

    public bool ContinueOnError => false;

    public int LineNumberOfTaskNode => 1;

    public int ColumnNumberOfTaskNode => 1;

    public string ProjectFileOfTaskNode => "/nowhere/app.csproj";

    public void LogErrorEvent(BuildErrorEventArgs e) => Errors.Enqueue(e);

    public void LogWarningEvent(BuildWarningEventArgs e) => Messages.Enqueue(e.Message);

    public void LogMessageEvent(BuildMessageEventArgs e) => Messages.Enqueue(e.Message);

    public void LogCustomEvent(CustomBuildEventArgs e) => throw new NotSupportedException("Only logging.");

    public bool BuildProjectFile(string projectFileName, string[] targetNames, IDictionary globalProperties, IDictionary targetOutputs) => throw new NotSupportedException("Only logging.");
}
