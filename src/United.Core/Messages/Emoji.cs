using System.Text;

namespace United.Core.Messages;

/// <summary>
/// Tells whether a text is one emoji, by the grammar of UTS 51 (ED-14 to ED-17): a flag of two regional indicators, a keycap, or
/// pictographs with their modifiers and tags, joined by zero-width joiners. The pictographs are taken by block, so that those of
/// later versions of Unicode pass as well.
/// </summary>
public static class Emoji
{
    private const int MostNameLength = 32;

    // The longest in use (a couple with skin tones) has 15 units, a flag by tags 14.
    private const int MostUnits = 32;

    private const int Joiner = 0x200D, AsEmoji = 0xFE0F, Keycap = 0x20E3, CancelTag = 0xE007F;

    public static bool IsReaction(string text) => IsName(text) || IsEmoji(text);

    public static bool IsEmoji(string text)
    {
        if (text.Length is 0 or > MostUnits) return false;
        var runes = text.EnumerateRunes().Select(rune => rune.Value).ToArray();
        return IsFlag(runes) || IsKeycap(runes) || IsJoined(runes);
    }

    private static bool IsName(string text)
    {
        if (text.Length is 0 or > MostNameLength) return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('_' or '+' or '-')) return false;
        }
        return true;
    }

    private static bool IsFlag(int[] runes) => runes is [>= 0x1F1E6 and <= 0x1F1FF, >= 0x1F1E6 and <= 0x1F1FF];

    private static bool IsKeycap(int[] runes) =>
        runes is [(>= '0' and <= '9') or '#' or '*', Keycap] or [(>= '0' and <= '9') or '#' or '*', AsEmoji, Keycap];

    // element (joiner element)*
    private static bool IsJoined(ReadOnlySpan<int> runes)
    {
        while (true)
        {
            var length = ElementLength(runes);
            if (length == 0) return false;
            runes = runes[length..];
            if (runes.IsEmpty) return true;
            if (runes[0] != Joiner) return false;
            runes = runes[1..];
        }
    }

    // element: pictograph (skin tone | variation selector)? (tag+ cancel)?
    private static int ElementLength(ReadOnlySpan<int> runes)
    {
        if (runes.IsEmpty || !IsPictograph(runes[0])) return 0;
        var at = 1;
        if (at < runes.Length && runes[at] is AsEmoji or (>= 0x1F3FB and <= 0x1F3FF)) at++;
        var tags = at;
        while (at < runes.Length && runes[at] is >= 0xE0020 and <= 0xE007E) at++;
        if (at == tags) return at;
        return at < runes.Length && runes[at] == CancelTag ? at + 1 : 0;
    }

    private static bool IsPictograph(int rune) => rune switch
    {
        >= 0x1F000 and <= 0x1FAFF => rune is < 0x1F1E6 or > 0x1F1FF,
        >= 0x2600 and <= 0x27BF => true,
        >= 0x2190 and <= 0x21FF or >= 0x2300 and <= 0x23FF or >= 0x25A0 and <= 0x25FF or >= 0x2B00 and <= 0x2BFF => true,
        0xA9 or 0xAE or 0x203C or 0x2049 or 0x2122 or 0x2139 or 0x24C2 or 0x2934 or 0x2935 or 0x3030 or 0x303D or 0x3297 or 0x3299 => true,
        _ => false,
    };
}
