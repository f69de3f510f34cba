using System.Buffers;
using System.Globalization;
using System.Text;

namespace United.Core.Identity;

/// <summary>
/// Names that people are known by. A username tells accounts apart, so it is plain ASCII; a display name is free, but may not
/// hide, reorder or overflow what stands around it.
/// </summary>
internal static class NameRules
{
    public const int MostDisplayName = 64;
    public const int MostBio = 500;

    // UTF-16 units that a character may take, on the average: bounds the token that carries the name (2 KiB on a socket).
    private const int MostUnits = 4;
    private const int MostMarks = 8;

    private static readonly SearchValues<char> UsernameLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_.-");

    // Letters by category, but drawn as nothing: Hangul fillers, and the empty Braille pattern.
    private static ReadOnlySpan<char> Blanks => ['\u115F', '\u1160', '\u3164', '\uFFA0', '\u2800', '\u034F', '\u17B4', '\u17B5'];

    /// <summary>2 to 32 of <c>a-z 0-9 _ . -</c>; capitals are taken as small letters.</summary>
    public static Result<string> Username(string text, string field = "username")
    {
        var name = text.ToLowerInvariant();
        if (name.Length is < 2 or > 32) return Refusal.Invalid(field, "needs 2 to 32 characters");
        return name.AsSpan().ContainsAnyExcept(UsernameLetters) || !Ascii.IsValid(text)
            ? Refusal.Invalid(field, "may hold a-z, 0-9, _ . and - only")
            : name;
    }

    /// <summary>1 to 64 characters as people count them, trimmed, in normal form C.</summary>
    public static Result<string> DisplayName(string text, string field = "display_name") => Name(text, field, MostDisplayName);

    /// <summary>1 to <paramref name="most"/> characters as people count them, trimmed, in normal form C.</summary>
    public static Result<string> Name(string text, string field, int most)
    {
        if (text.Length > most * MostUnits * 4 || TextRules.Count(text) is null) return Refusal.Invalid(field, "is too long, or holds half a surrogate pair");
        var name = UnicodeForms.Nfc(text.Trim());
        if (name.Length == 0) return Refusal.Invalid(field, "is empty");
        if (name.Length > most * MostUnits || new StringInfo(name).LengthInTextElements > most) return Refusal.Invalid(field, $"has more than {most} characters");
        return Hidden(name) is { } reason ? Refusal.Invalid(field, reason) : name;
    }

    public static Refusal? Bio(string text) => TextRules.Text("bio", text, least: 0, MostBio);

    private static string? Hidden(string name)
    {
        var runes = name.EnumerateRunes().ToArray();
        var marks = 0;
        for (var i = 0; i < runes.Length; i++)
        {
            var category = Rune.GetUnicodeCategory(runes[i]);
            if (category is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse)
                return "holds a control character";
            if (category == UnicodeCategory.Format && !JoinsEmoji(runes, i)) return "holds an invisible character, or one that turns the direction of text";
            if (runes[i].IsBmp && Blanks.Contains((char)runes[i].Value)) return "holds an invisible character";
            marks = IsMark(category) ? marks + 1 : 0;
            if (marks > MostMarks) return $"has more than {MostMarks} marks on one character";
        }
        return null;
    }

    private static bool IsMark(UnicodeCategory category) =>
        category is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    // U+200D between two pictures (the first perhaps with a skin tone or the picture selector U+FE0F) makes one of them.
    private static bool JoinsEmoji(Rune[] runes, int at)
    {
        if (runes[at].Value != 0x200D || at == 0 || at == runes.Length - 1) return false;
        var before = runes[at - 1].Value == 0xFE0F && at > 1 ? runes[at - 2] : runes[at - 1];
        return IsPicture(before) && IsPicture(runes[at + 1]);
    }

    private static bool IsPicture(Rune rune) => rune.Value is >= 0x1F3FB and <= 0x1F3FF || Rune.GetUnicodeCategory(rune) == UnicodeCategory.OtherSymbol;
}
