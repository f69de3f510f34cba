using System.Text;

namespace United.Core;

/// <summary>What text from users may hold (specification 2, first paragraph). Whoever shows it escapes it; here nothing is changed.</summary>
public static class TextRules
{
    /// <summary>Unicode scalar values in a message.</summary>
    public const int MostContent = 4000;

    /// <summary>No control character but tab and newline (so no U+0000), no half surrogate pair, and a length in scalar values.</summary>
    /// <returns>Null if it may pass.</returns>
    public static Refusal? Text(string field, string text, int least, int most)
    {
        if (Count(text) is not { } count) return Refusal.Invalid(field, "holds half a surrogate pair");
        if (count < least) return Refusal.Invalid(field, least == 1 ? "is empty" : $"needs at least {least} characters");
        if (count > most) return Refusal.Invalid(field, $"has more than {most} characters");
        return text.AsSpan().ContainsControl() ? Refusal.Invalid(field, "holds a control character") : null;
    }

    /// <summary>One line: as <see cref="Text"/>, without tab and newline.</summary>
    public static Refusal? Line(string field, string text, int least, int most) =>
        Text(field, text, least, most) ?? (text.AsSpan().ContainsAny('\t', '\n') ? Refusal.Invalid(field, "has more than one line") : null);

    /// <summary>The number of scalar values, or null where the text holds half a surrogate pair.</summary>
    public static int? Count(ReadOnlySpan<char> text)
    {
        var count = 0;
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out _, out var length) != System.Buffers.OperationStatus.Done) return null;
            text = text[length..];
            count++;
        }
        return count;
    }

    // C0 without tab and newline, DEL, C1.
    private static bool ContainsControl(this ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (char.IsControl(c) && c is not ('\t' or '\n')) return true;
        }
        return false;
    }
}
