using System.Globalization;
using Packer.Configuration.Templates;

namespace Packer;

/// <summary>A step that changes the machine before it becomes an image.</summary>
public interface IProvisioner
{
    /// <summary>Decodes and checks the settings, without side effects.</summary>
    /// <param name="context">The settings and where they come from.</param>
    PrepareResult Prepare(PrepareContext context);

    /// <summary>Whether it works on the machine. One that runs on this side alone, like <c>shell-local</c>, needs no connection. Default: true.</summary>
    bool NeedsCommunicator => true;

    /// <summary>Does the work.</summary>
    /// <param name="context">The machine and the build.</param>
    /// <param name="token">Stops the work.</param>
    /// <exception cref="PackerException">The step failed.</exception>
    Task ProvisionAsync(ProvisionContext context, CancellationToken token);
}

/// <summary>What a provisioner works with.</summary>
/// <param name="Ui">Where the output goes.</param>
/// <param name="Communicator">The connection to the machine; null where the builder has none.</param>
/// <param name="Data">Build variables: Host, Port, User, and what the builder adds.</param>
/// <param name="Build">The build that runs.</param>
public sealed record ProvisionContext(IUi Ui, ICommunicator? Communicator, IReadOnlyDictionary<string, object?> Data, BuildContext Build)
{
    /// <summary>Fills in a setting that is rendered late (<see cref="RenderLateAttribute"/>), also with build variables: <c>{{ build `Host` }}</c>.</summary>
    /// <param name="template">The text as the user wrote it.</param>
    /// <param name="fields">What <c>{{.Name}}</c> gives, by name.</param>
    /// <exception cref="PackerException">The template asks for something that there is not.</exception>
    public string Render(string template, IReadOnlyDictionary<string, string> fields)
    {
        try
        {
            var rendered = Build.Templates.With(new TemplateFunction("build", 1, 1, arguments => Data.GetValueOrDefault(arguments[0]) is { } value ? Convert.ToString(value, CultureInfo.InvariantCulture) : null)).Render(template, fields);
            if (rendered.IsComplete) return rendered.Text;
            throw new PackerException(DiagnosticCodes.TemplateError, $"The template '{template}' asks for a build variable or an artifact that this build does not have. The build variables are {string.Join(", ", Data.Keys.Order(StringComparer.Ordinal))}.");
        }
        catch (TemplateException exception)
        {
            throw new PackerException(DiagnosticCodes.TemplateError, $"The template '{template}' cannot be rendered: {exception.Message}.", exception);
        }
    }
}
