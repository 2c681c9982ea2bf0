namespace Packer;

/// <summary>
/// A path, or a list of paths. It is made full against the project directory; <c>/</c> and <c>\</c> both separate folders on every system.
/// What lies there is no input of the image.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ConfigPathAttribute : ConfigAttribute;

/// <summary>
/// The path of a file, or a list of such paths, whose contents are an input of the image: when they change, the image is out of date.
/// The path is made full as with <see cref="ConfigPathAttribute"/>; a file that does not exist is <c>PKR0019</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class InputFileAttribute : ConfigAttribute;

/// <summary>
/// As <see cref="InputFileAttribute"/> for a list of paths in which globs are allowed: <c>*</c> and <c>?</c> within a name, <c>**</c> for any number
/// of folders. Each element becomes the files that it matches in ordinal order; an element that matches none is <c>PKR0019</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class InputFilesAttribute : ConfigAttribute;

/// <summary>
/// As <see cref="InputFilesAttribute"/> for a list of files and directories: of a directory all files below it are inputs. A pattern matches both, but
/// with <c>**</c> only files. A separator at the end of an element is kept, so that the component can tell a directory from its contents.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class InputPathsAttribute : ConfigAttribute;

/// <summary>As <see cref="InputFileAttribute"/> for a directory: all files below it are inputs of the image.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class InputDirectoryAttribute : ConfigAttribute;
