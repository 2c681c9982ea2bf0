using System.Globalization;
using System.Text;

namespace Packer.Configuration.Templates;

/// <summary>An expression of a template. Pipelines are calls already: <c>a | f b</c> is <c>f b a</c>.</summary>
internal abstract class TemplateNode
{
    /// <summary>Writes the expression as template text.</summary>
    public abstract void Print(StringBuilder text, bool nested);
}

/// <summary>A string or a whole number.</summary>
internal sealed class TemplateLiteral(string value, bool isNumber = false) : TemplateNode
{
    public string Value { get; } = value;

    public override void Print(StringBuilder text, bool nested)
    {
        if (isNumber)
        {
            text.Append(Value);
        }
        else
        {
            Quote(text, Value);
        }
    }

    private static void Quote(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var character in value)
        {
            if (character is '"' or '\\')
            {
                text.Append('\\').Append(character);
            }
            else if (char.IsControl(character))
            {
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            }
            else
            {
                text.Append(character);
            }
        }

        text.Append('"');
    }
}

/// <summary>A field of the data, such as <c>.HTTPIP</c>.</summary>
internal sealed class TemplateField(string name, int column) : TemplateNode
{
    /// <summary>The name without the leading dot.</summary>
    public string Name { get; } = name;

    public int Column { get; } = column;

    public override void Print(StringBuilder text, bool nested) => text.Append('.').Append(Name);
}

/// <summary>A call of a function.</summary>
internal sealed class TemplateCall(TemplateFunction function, IReadOnlyList<TemplateNode> arguments, int column) : TemplateNode
{
    public TemplateFunction Function { get; } = function;

    public IReadOnlyList<TemplateNode> Arguments { get; } = arguments;

    public int Column { get; } = column;

    public override void Print(StringBuilder text, bool nested)
    {
        nested &= Arguments.Count > 0;
        text.Append(nested ? "(" : "").Append(Function.Name);
        foreach (var argument in Arguments)
        {
            text.Append(' ');
            argument.Print(text, nested: true);
        }

        text.Append(nested ? ")" : "");
    }
}
