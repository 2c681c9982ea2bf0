using System.Text;

namespace Packer.Configuration.Templates;

/// <summary>The outcome of rendering. No record: its text would show secrets.</summary>
internal readonly struct RenderedTemplate(string text, string template, bool isComplete)
{
    /// <summary>The rendered text; when not complete, the same as <see cref="Template"/>.</summary>
    public string Text { get; } = text;

    /// <summary>A template that renders to the same text once everything is known: what is known is literal, literal braces are escaped.</summary>
    public string Template { get; } = template;

    /// <summary>False: a call is left that cannot be answered yet.</summary>
    public bool IsComplete { get; } = isComplete;
}

/// <summary>
/// Renders <c>{{ }}</c> in texts: one pass, so that what a value brings in is never taken for a template (Packer renders again until nothing changes).
/// Calls that cannot be answered yet stay, with those of their arguments that are known filled in.
/// </summary>
internal sealed class TemplateEngine
{
    private const string Open = "{{";

    private readonly Dictionary<string, TemplateFunction> _functions = new(StringComparer.Ordinal);

    /// <summary>Makes an engine with these functions; of two with one name the later one counts.</summary>
    public TemplateEngine(params IEnumerable<TemplateFunction> functions)
    {
        foreach (var function in functions)
        {
            _functions[function.Name] = function;
        }
    }

    /// <summary>The same engine with one function added, or put in the place of the one of that name.</summary>
    public TemplateEngine With(TemplateFunction function) => new([.. _functions.Values, function]);

    /// <summary>Makes a template that renders to the given text.</summary>
    public static string Escape(string text) => text.Replace(Open, "{{\"{{\"}}", StringComparison.Ordinal);

    /// <summary>Renders a template.</summary>
    /// <exception cref="TemplateException">The template is wrong, or a field or an argument is.</exception>
    public RenderedTemplate Render(string template, IReadOnlyDictionary<string, string> data, ICollection<string>? artifactReferences = null)
    {
        if (!template.Contains(Open, StringComparison.Ordinal))
        {
            return new RenderedTemplate(template, template, true);
        }

        var known = new StringBuilder();
        var residual = new StringBuilder();
        var complete = true;
        foreach (var part in TemplateParser.Parse(template, _functions))
        {
            if (part.Expression is null)
            {
                known.Append(part.Text);
                continue;
            }

            CollectArtifacts(part.Expression, artifactReferences);
            var value = Evaluate(part.Expression, data);
            if (value is TemplateLiteral literal)
            {
                known.Append(literal.Value);
                continue;
            }

            complete = false;
            FlushKnown(known, residual, beforeCall: true);
            residual.Append(Open);
            if (ReferenceEquals(value, part.Expression))
            {
                residual.Append(part.Text);
            }
            else
            {
                value.Print(residual, nested: false);
            }

            residual.Append("}}");
        }

        if (complete)
        {
            var text = known.ToString();
            return new RenderedTemplate(text, Escape(text), true);
        }

        FlushKnown(known, residual, beforeCall: false);
        var kept = residual.ToString();
        return new RenderedTemplate(kept, kept, false);
    }

    /// <summary>Checks a template that is rendered later by somebody else.</summary>
    /// <param name="template">The template.</param>
    /// <param name="fields">The fields that will be there; empty: any.</param>
    /// <param name="artifactReferences">Takes the arguments of <c>artifact</c>.</param>
    /// <exception cref="TemplateException">The template is wrong, or names another field.</exception>
    public void Check(string template, IReadOnlyList<string> fields, ICollection<string>? artifactReferences = null)
    {
        if (!template.Contains(Open, StringComparison.Ordinal))
        {
            return;
        }

        foreach (var part in TemplateParser.Parse(template, _functions))
        {
            if (part.Expression is not null)
            {
                CollectArtifacts(part.Expression, artifactReferences);
                CheckFields(part.Expression, fields);
            }
        }
    }

    private static TemplateNode Evaluate(TemplateNode node, IReadOnlyDictionary<string, string> data)
    {
        switch (node)
        {
            case TemplateField field:
                return data.TryGetValue(field.Name, out var value) ? new TemplateLiteral(value) : throw UnknownField(field, data.Keys);
            case TemplateCall call:
                return EvaluateCall(call, data);
            default:
                return node;
        }
    }

    private static TemplateNode EvaluateCall(TemplateCall call, IReadOnlyDictionary<string, string> data)
    {
        var arguments = new TemplateNode[call.Arguments.Count];
        var texts = new string[arguments.Length];
        var (known, changed) = (true, false);
        for (var index = 0; index < arguments.Length; index++)
        {
            arguments[index] = Evaluate(call.Arguments[index], data);
            changed |= !ReferenceEquals(arguments[index], call.Arguments[index]);
            if (arguments[index] is TemplateLiteral literal)
            {
                texts[index] = literal.Value;
            }
            else
            {
                known = false;
            }
        }

        if (known)
        {
            try
            {
                if (call.Function.Invoke(texts) is { } result)
                {
                    return new TemplateLiteral(result);
                }
            }
            catch (FormatException exception)
            {
                throw new TemplateException($"the function '{call.Function.Name}' fails: {exception.Message}", call.Column);
            }
        }

        return changed ? new TemplateCall(call.Function, arguments, call.Column) : call;
    }

    private static void CheckFields(TemplateNode node, IReadOnlyList<string> fields)
    {
        if (node is TemplateField field && fields.Count > 0 && !fields.Contains(field.Name, StringComparer.Ordinal))
        {
            throw UnknownField(field, fields);
        }

        if (node is TemplateCall call)
        {
            foreach (var argument in call.Arguments)
            {
                CheckFields(argument, fields);
            }
        }
    }

    private static void CollectArtifacts(TemplateNode node, ICollection<string>? references)
    {
        if (references is null || node is not TemplateCall call)
        {
            return;
        }

        foreach (var argument in call.Arguments)
        {
            CollectArtifacts(argument, references);
        }

        if (call.Function.Name == TemplateFunctions.Artifact && call.Arguments[0] is TemplateLiteral name && !references.Contains(name.Value))
        {
            references.Add(name.Value);
        }
    }

    private static TemplateException UnknownField(TemplateField field, IEnumerable<string> known)
    {
        var nearest = Suggestion.Nearest(field.Name, known);
        var list = string.Join(", ", known.Order(StringComparer.Ordinal).Select(name => "." + name));
        var hint = nearest is not null ? $"; did you mean '.{nearest}'?" : list.Length > 0 ? $"; the fields are {list}" : "; this value has no fields";
        return new TemplateException($"there is no field '.{field.Name}'{hint}", field.Column);
    }

    private static void FlushKnown(StringBuilder known, StringBuilder residual, bool beforeCall)
    {
        var text = Escape(known.ToString());
        known.Clear();

        // A brace right before a call's own braces would be read as part of them.
        residual.Append(beforeCall && text.EndsWith('{') ? text[..^1] + "{{\"{\"}}" : text);
    }
}
