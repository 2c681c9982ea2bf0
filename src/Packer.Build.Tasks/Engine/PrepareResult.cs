using Packer.Configuration;

namespace Packer;

/// <summary>What came of preparing a component.</summary>
public sealed class PrepareResult
{
    internal PrepareResult(IReadOnlyList<Diagnostic> diagnostics, DecodeResult? decoded)
    {
        Diagnostics = diagnostics;
        Decoded = decoded;
    }

    /// <summary>All errors and warnings.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics { get; }

    /// <summary>Whether the component can run.</summary>
    public bool Succeeded => !Diagnostics.Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);

    internal DecodeResult? Decoded { get; }
}
