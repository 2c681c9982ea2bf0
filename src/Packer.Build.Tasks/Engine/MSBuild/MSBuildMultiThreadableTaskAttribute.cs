namespace Microsoft.Build.Framework;

/// <summary>
/// Tells MSBuild that a task may run beside others in one process (<c>-mt</c>). The engine matches the attribute by its full name, so this
/// copy serves engines that know it without needing one that does. A task without it runs in a sidecar process that is ended before its
/// clean-up is done.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class MSBuildMultiThreadableTaskAttribute : Attribute;
