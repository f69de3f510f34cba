using System.Globalization;
using System.Text;

namespace United.Core.Media;

/// <summary>The name that an upload is shown and downloaded by. Nothing on the server's disk is ever called so.</summary>
internal static class FileName
{
    public const int MostLength = 255;

    private const int MostExtension = 16;

    /// <returns>What is left of the name without folders, without characters that can't be seen or turn others around; "" if that is nothing.</returns>
    public static string Clean(string given)
    {
        var last = given.AsSpan(given.AsSpan().LastIndexOfAny('/', '\\') + 1);
        var kept = new StringBuilder(Math.Min(last.Length, 1024));
        foreach (var rune in last[..Math.Min(last.Length, 1024)].EnumerateRunes())
        {
            if (IsSeen(rune)) kept.Append(rune.ToString());
        }
        return Shortened(UnicodeForms.Nfc(kept.ToString()).Trim(' ', '.'));
    }

    private static bool IsSeen(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned);

    // The end says what it is.
    private static string Shortened(string name)
    {
        if (name.Length <= MostLength) return name;
        var extension = name[^Math.Min(MostExtension, name.Length - Math.Max(name.LastIndexOf('.'), 0))..];
        if (!extension.StartsWith('.')) extension = "";
        var stem = name[..(MostLength - extension.Length)];
        return (char.IsHighSurrogate(stem[^1]) ? stem[..^1] : stem) + extension;
    }
}
