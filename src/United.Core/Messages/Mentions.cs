using System.Buffers;

namespace United.Core.Messages;

/// <summary>Whom a message means. Stored: values are frozen.</summary>
public enum MentionKind
{
    User = 1,
    Role = 2,
    Everyone = 3,

    /// <summary>The author of the message that it answers.</summary>
    Reply = 4,
}

public readonly record struct Mention(MentionKind Kind, Guid Target);

/// <summary>
/// Mentions in the content: <c>@user:&lt;id&gt;</c>, <c>@role:&lt;id&gt;</c>, <c>@everyone</c>. Ids are not looked up: one that is nobody's
/// means nobody, and its answer tells nobody whether it exists.
/// </summary>
public static class Mentions
{
    /// <summary>Users and roles that one message can mean; what stands behind is text like any other.</summary>
    public const int Most = 20;

    private const int IdLength = 36;

    private static readonly SearchValues<char> WordCharacters =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-");

    /// <returns>Each once, in the order of the text.</returns>
    public static IReadOnlyList<Mention> In(ReadOnlySpan<char> content, bool everyone)
    {
        var found = default(List<Mention>);
        for (var at = content.IndexOf('@'); at >= 0; at = Next(content, at))
        {
            if (Read(content[(at + 1)..]) is not { } mention) continue;
            if (mention.Kind == MentionKind.Everyone && !everyone) continue;
            found ??= [];
            if (found.Contains(mention) || (mention.Kind != MentionKind.Everyone && Counted(found) == Most)) continue;
            found.Add(mention);
        }
        return found ?? (IReadOnlyList<Mention>)[];
    }

    /// <returns>By rising id, as they are read back.</returns>
    public static Guid[] Of(MentionKind kind, IReadOnlyList<Mention> mentions) =>
        mentions.Count == 0 ? [] : [.. mentions.Where(mention => mention.Kind == kind).Select(mention => mention.Target).Order()];

    private static int Counted(List<Mention> found) => found.Count(mention => mention.Kind != MentionKind.Everyone);

    private static int Next(ReadOnlySpan<char> content, int at)
    {
        var next = content[(at + 1)..].IndexOf('@');
        return next < 0 ? -1 : at + 1 + next;
    }

    private static Mention? Read(ReadOnlySpan<char> text)
    {
        if (text.StartsWith("user:")) return Id(text["user:".Length..], MentionKind.User);
        if (text.StartsWith("role:")) return Id(text["role:".Length..], MentionKind.Role);
        return text.StartsWith("everyone") && EndsThere(text["everyone".Length..]) ? new Mention(MentionKind.Everyone, Guid.Empty) : null;
    }

    private static Mention? Id(ReadOnlySpan<char> text, MentionKind kind) =>
        text.Length >= IdLength && EndsThere(text[IdLength..]) && Ids.TryParse(text[..IdLength], out var id) ? new Mention(kind, id) : null;

    private static bool EndsThere(ReadOnlySpan<char> rest) => rest.IsEmpty || !WordCharacters.Contains(rest[0]);
}
