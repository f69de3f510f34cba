using System.Globalization;

namespace United.Core.Messages;

/// <summary>The beginning of a text, for previews.</summary>
public static class Excerpt
{
    public const int Most = 140;

    /// <returns>At most <see cref="Most"/> characters as readers count them: an emoji or an accented letter is never cut in two.</returns>
    public static string Of(string text)
    {
        if (text.Length <= Most) return text;
        var end = 0;
        for (var count = 0; count < Most && end < text.Length; count++) end += StringInfo.GetNextTextElementLength(text, end);
        return text[..end];
    }
}
