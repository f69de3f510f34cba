using System.Text.RegularExpressions;
using United.Server.Tests.House;

namespace United.Server.Tests.SocketIo;

/// <summary>The tables of docs/wire/socketio.md: what a client may ask, what it may hear, and the fields of each. Sealed messages are another test's business.</summary>
internal static partial class DocumentedEvents
{
    private const string Page = "docs/wire/socketio.md";

    public static IReadOnlyDictionary<string, DocumentedField[]> Asked { get; } = Table("## Events from the client");

    /// <summary>No fields: the page names an object of REST.</summary>
    public static IReadOnlyDictionary<string, DocumentedField[]> Heard { get; } = Table("## Events from the server");

    /// <summary>The names of events that a source file knows.</summary>
    public static IEnumerable<string> In(string source) =>
        EventName().Matches(Repository.Read(source)).Select(name => name.Groups[1].Value).Where(name => !IsSealed(name)).Distinct();

    private static Dictionary<string, DocumentedField[]> Table(string title)
    {
        var rows = Repository.Read(Page).Split(title)[1].Split("\n## ")[0].Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('|'));
        return (
            from row in rows
            from name in Quoted().Matches(row[1]).Select(quoted => quoted.Groups[1].Value)
            where !IsSealed(name)
            // Where there are two ways to say it, the second: it needs no message.
            select (name, Fields: Braces().Matches(row[2]).LastOrDefault()?.Groups[1].Value)).ToDictionary(
                row => row.name,
                row => row.Fields is null ? [] : FieldName().Matches(row.Fields).Select(field => new DocumentedField(field.Groups[1].Value, field.Groups[2].Length > 0)).ToArray());
    }

    private static bool IsSealed(string name) => name.StartsWith("dm:", StringComparison.Ordinal);

    [GeneratedRegex("\"((?:message|reaction|conversation|member|request|status|session|dm):[a-z]+|sync|typing|unread|hello)\"")]
    private static partial Regex EventName();

    [GeneratedRegex("`([a-z:]+)`")]
    private static partial Regex Quoted();

    // A value within another is no field of the payload.
    [GeneratedRegex("`\\{ ((?:[^{}]|\\{[^{}]*\\})*) \\}`")]
    private static partial Regex Braces();

    [GeneratedRegex("([A-Za-z0-9]+)(\\??)(?:: (?:\\{[^}]*\\}|[^,]*))?(?:, |$)")]
    private static partial Regex FieldName();
}

internal sealed record DocumentedField(string Name, bool Optional);
