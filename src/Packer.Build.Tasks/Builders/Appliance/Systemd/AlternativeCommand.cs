namespace Packer.Builders.Appliance.Systemd;

/// <summary>Reads calls of update-alternatives(1) that install an alternative.</summary>
internal static class AlternativeCommand
{
    private const string Program = "update-alternatives";

    /// <summary>Reads all calls of a part of a script; false where one is not of the expected form.</summary>
    /// <param name="text">The lines of the part.</param>
    /// <param name="effects">Gets the alternatives.</param>
    public static bool TryParse(string text, List<ScriptEffect> effects)
    {
        var found = new List<ScriptEffect>();
        foreach (var line in text.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n').Where(line => line.Contains(Program, StringComparison.Ordinal)))
        {
            var words = line[line.IndexOf(Program, StringComparison.Ordinal)..].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (Parse(words) is not { } alternative) return false;
            found.Add(alternative);
        }
        effects.AddRange(found);
        return true;
    }

    // --install link name path priority, then any number of: --slave link name path
    private static AddAlternative? Parse(string[] words)
    {
        var start = Array.IndexOf(words, "--install");
        if (start < 0 || words.Length < start + 5 || !int.TryParse(words[start + 4], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var priority)) return null;
        var slaves = new List<AlternativeSlave>();
        for (var index = start + 5; index < words.Length; index += 4)
        {
            if (words[index] != "--slave" || index + 3 >= words.Length) return null;
            slaves.Add(new AlternativeSlave(words[index + 1], words[index + 2], words[index + 3]));
        }
        return new AddAlternative(words[start + 1], words[start + 2], words[start + 3], priority, [.. slaves]);
    }
}
