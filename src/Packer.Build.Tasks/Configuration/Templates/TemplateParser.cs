using System.Globalization;
using System.Text;

namespace Packer.Configuration.Templates;

/// <summary>A piece of a template: literal text, or an expression with the text that it was read from.</summary>
internal sealed record TemplatePart(string Text, TemplateNode? Expression);

/// <summary>
/// Reads the part of Go's text/template language (package documentation, sections "Text and spaces", "Actions", "Arguments" and "Pipelines")
/// that Packer's templates use: fields, functions, literals, parentheses, pipelines, trim markers and comments. It has no variables and no control
/// structures.
/// </summary>
internal ref struct TemplateParser
{
    private const string Open = "{{";
    private const string Close = "}}";

    // Bounds the recursion over the tree; no template written by a person comes near.
    private const int MostNodes = 500;

    private readonly string _text;
    private readonly IReadOnlyDictionary<string, TemplateFunction> _functions;
    private int _position;
    private int _nodes;

    private TemplateParser(string text, IReadOnlyDictionary<string, TemplateFunction> functions)
    {
        _text = text;
        _functions = functions;
    }

    /// <summary>Reads a template.</summary>
    /// <exception cref="TemplateException">The template is wrong.</exception>
    public static List<TemplatePart> Parse(string text, IReadOnlyDictionary<string, TemplateFunction> functions) =>
        new TemplateParser(text, functions).ParseParts();

    private List<TemplatePart> ParseParts()
    {
        var parts = new List<TemplatePart>();
        var trim = false;
        while (_position < _text.Length)
        {
            var open = _text.IndexOf(Open, _position, StringComparison.Ordinal);
            var literal = _text[_position..(open < 0 ? _text.Length : open)];
            if (trim)
            {
                literal = literal.TrimStart();
            }

            trim = false;
            if (open >= 0)
            {
                _position = open + Open.Length;
                if (Current == '-' && char.IsWhiteSpace(Next))
                {
                    literal = literal.TrimEnd();
                    _position++;
                }
            }

            if (literal.Length > 0)
            {
                parts.Add(new TemplatePart(literal, null));
            }

            if (open < 0)
            {
                break;
            }

            ParseAction(parts, open, out trim);
        }

        return parts;
    }

    private void ParseAction(List<TemplatePart> parts, int open, out bool trim)
    {
        var start = _position;
        SkipSpace();
        if (StartsWith("/*"))
        {
            var end = _text.IndexOf("*/", _position + 2, StringComparison.Ordinal);
            if (end < 0)
            {
                throw new TemplateException("the comment is not closed; add '*/}}'", open + 1);
            }

            _position = end + 2;
            SkipSpace();
            ExpectClose(open, out trim);
            return;
        }

        if (_position >= _text.Length)
        {
            throw NotClosed(open);
        }

        if (AtClose)
        {
            throw new TemplateException("there is nothing between '{{' and '}}'", open + 1);
        }

        _nodes = 0;
        var expression = ParsePipeline(open);
        var source = _text[start.._position];
        ExpectClose(open, out trim);
        parts.Add(new TemplatePart(source.TrimEnd() + (trim || char.IsWhiteSpace(_text[_position - 3]) ? " " : ""), expression));
    }

    private void ExpectClose(int open, out bool trim)
    {
        trim = AtTrimClose;
        if (!AtClose)
        {
            throw _position >= _text.Length ? NotClosed(open) : Unexpected();
        }

        _position += (trim ? 1 : 0) + Close.Length;
    }

    private TemplateNode ParsePipeline(int open)
    {
        var node = ParseCommand(open, piped: null);
        while (Current == '|')
        {
            _position++;
            SkipSpace();
            node = ParseCommand(open, node);
        }

        return node;
    }

    private TemplateNode ParseCommand(int open, TemplateNode? piped)
    {
        Count(open);
        var column = _position + 1;
        if (IsNameStart(Current))
        {
            var function = Function(ReadName(), column);
            var arguments = new List<TemplateNode>();
            SkipSpace();
            while (!AtCommandEnd)
            {
                arguments.Add(ParseOperand(open));
                SkipSpace();
            }

            if (piped is not null)
            {
                arguments.Add(piped);
            }

            return Call(function, arguments, column);
        }

        var operand = ParseOperand(open);
        SkipSpace();
        if (piped is not null)
        {
            throw new TemplateException("after '|' the name of a function must follow", column);
        }

        return AtCommandEnd ? operand : throw new TemplateException("only a function can be followed by arguments", column);
    }

    private TemplateNode ParseOperand(int open)
    {
        Count(open);
        var column = _position + 1;
        var current = Current;
        if (current == '(')
        {
            _position++;
            SkipSpace();
            var inner = ParsePipeline(open);
            if (Current != ')')
            {
                throw _position >= _text.Length || AtClose ? new TemplateException("'(' is not closed; add ')'", column) : Unexpected();
            }

            _position++;
            return inner;
        }

        if (current is '"' or '`')
        {
            return new TemplateLiteral(current == '"' ? ReadQuoted(column) : ReadRaw(column));
        }

        if (char.IsAsciiDigit(current) || (current is '-' or '+' && char.IsAsciiDigit(Next)))
        {
            return ReadNumber(column);
        }

        if (current == '.')
        {
            return ReadField(column);
        }

        return IsNameStart(current) ? Call(Function(ReadName(), column), [], column) : throw Unexpected();
    }

    private void Count(int open)
    {
        if (++_nodes > MostNodes)
        {
            throw new TemplateException("the expression is too long", open + 1);
        }
    }

    private static TemplateCall Call(TemplateFunction function, List<TemplateNode> arguments, int column)
    {
        if (arguments.Count < function.MinimumArguments || arguments.Count > function.MaximumArguments)
        {
            var expected = function.MinimumArguments == function.MaximumArguments
                ? $"{function.MinimumArguments}"
                : $"{function.MinimumArguments} to {function.MaximumArguments}";
            throw new TemplateException($"the function '{function.Name}' takes {expected} argument(s), but here it has {arguments.Count}", column);
        }

        return new TemplateCall(function, arguments, column);
    }

    private readonly TemplateFunction Function(string name, int column)
    {
        if (_functions.TryGetValue(name, out var function))
        {
            return function;
        }

        if (name is "if" or "else" or "end" or "range" or "with" or "define" or "template" or "block" or "break" or "continue")
        {
            throw new TemplateException($"'{name}' is not supported: a template has only fields and functions here", column);
        }

        var nearest = Suggestion.Nearest(name, _functions.Keys);
        throw new TemplateException(
            nearest is null ? $"there is no function '{name}'" : $"there is no function '{name}'; did you mean '{nearest}'?", column);
    }

    private string ReadName()
    {
        var start = _position;
        while (IsNameStart(Current) || char.IsAsciiDigit(Current))
        {
            _position++;
        }

        return _text[start.._position];
    }

    private TemplateField ReadField(int column)
    {
        var start = ++_position;
        while (IsNameStart(Current) || char.IsAsciiDigit(Current) || (Current == '.' && IsNameStart(Next)))
        {
            _position++;
        }

        return _position == start
            ? throw new TemplateException("after '.' the name of a field must follow", column)
            : new TemplateField(_text[start.._position], column);
    }

    private TemplateLiteral ReadNumber(int column)
    {
        var start = _position++;
        while (char.IsAsciiLetterOrDigit(Current) || Current is '.' or '_')
        {
            _position++;
        }

        var text = _text[start.._position];
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? new TemplateLiteral(number.ToString(CultureInfo.InvariantCulture), isNumber: true)
            : throw new TemplateException($"'{text}' is no whole number", column);
    }

    private string ReadRaw(int column)
    {
        var end = _text.IndexOf('`', _position + 1);
        if (end < 0)
        {
            throw new TemplateException("the string is not closed; add '`'", column);
        }

        var value = _text[(_position + 1)..end];
        _position = end + 1;
        return value;
    }

    private string ReadQuoted(int column)
    {
        var value = new StringBuilder();
        _position++;
        while (Current != '"')
        {
            if (_position >= _text.Length || Current == '\n')
            {
                throw new TemplateException("the string is not closed; add '\"'", column);
            }

            if (Current == '\\')
            {
                _position++;
                value.Append(ReadEscape());
            }
            else
            {
                value.Append(Current);
                _position++;
            }
        }

        _position++;
        return value.ToString();
    }

    private char ReadEscape()
    {
        var column = _position;
        var escape = Current;
        _position++;
        switch (escape)
        {
            case 'a': return '\a';
            case 'b': return '\b';
            case 'f': return '\f';
            case 'n': return '\n';
            case 'r': return '\r';
            case 't': return '\t';
            case 'v': return '\v';
            case '\\' or '"' or '\'': return escape;
            case 'x' or 'u':
                var digits = escape == 'x' ? 2 : 4;
                if (_position + digits <= _text.Length &&
                    ushort.TryParse(_text.AsSpan(_position, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
                {
                    _position += digits;
                    return (char)code;
                }

                break;
        }

        throw new TemplateException($"the escape '\\{escape}' in the string is not known; write '\\\\' for a backslash, or use `…`", column);
    }

    private static TemplateException NotClosed(int open) =>
        new("'{{' is not closed; add '}}', or write {{\"{{\"}} for two literal braces", open + 1);

    private readonly TemplateException Unexpected() => _position >= _text.Length || AtClose
        ? new TemplateException("the expression ends too early", Math.Min(_position + 1, Math.Max(1, _text.Length)))
        : new TemplateException(
            Current == '$' ? "variables ('$') are not supported" : $"'{Current}' is not expected here", _position + 1);

    private void SkipSpace()
    {
        while (_position < _text.Length && char.IsWhiteSpace(_text[_position]))
        {
            _position++;
        }
    }

    private readonly char Current => _position < _text.Length ? _text[_position] : '\0';

    private readonly char Next => _position + 1 < _text.Length ? _text[_position + 1] : '\0';

    private readonly bool AtTrimClose => Current == '-' && char.IsWhiteSpace(_text[_position - 1]) && StartsWith("-}}");

    private readonly bool AtClose => StartsWith(Close) || AtTrimClose;

    private readonly bool AtCommandEnd => _position >= _text.Length || Current is '|' or ')' || AtClose;

    private readonly bool StartsWith(string value) => string.CompareOrdinal(_text, _position, value, 0, value.Length) == 0;

    private static bool IsNameStart(char character) => character == '_' || char.IsAsciiLetter(character);
}
