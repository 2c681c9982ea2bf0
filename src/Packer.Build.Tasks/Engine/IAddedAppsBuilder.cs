namespace Packer.Engine;

/// <summary>A builder that can put programs of other projects into an image beside the project's own app (items <c>PackerImageApp</c>).</summary>
internal interface IAddedAppsBuilder
{
    /// <summary>Checks how an app is to be started.</summary>
    /// <param name="options">How it is.</param>
    /// <param name="error">Is told each fault: the key and the message.</param>
    /// <param name="warning">Is told what may be meant so: the code, the key and the message.</param>
    void CheckApp(AppOptions options, Action<string, string> error, Action<string, string, string> warning);
}
