using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace United.Core.Moderation;

/// <summary>
/// Words that flag a message for the moderators. Words are compared whole and folded: without regard to case and width, and
/// without the invisible characters that would tear them apart. Time is linear in the text, whatever the list.
/// </summary>
public sealed class WordList
{
    /// <summary>UTF-16 units of a word. What is longer in a text matches nothing.</summary>
    public const int MostLength = 64;

    /// <summary>Matches nothing.</summary>
    public static readonly WordList Empty = new([]);

    /// <summary>The list that comes along: the coarsest words of English. Every community has its own to add.</summary>
    public static readonly WordList Default = new(Resource.Lines("Moderation.words.txt"));

    private readonly FrozenSet<string> _words;

    /// <param name="lines">One word a line; empty lines and those that begin with # are left out.</param>
    /// <exception cref="FormatException">A line is not one word of at most 64 characters: it could never match.</exception>
    public WordList(IEnumerable<string> lines) =>
        _words = lines.Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#').Select(Folded).ToFrozenSet(StringComparer.Ordinal);

    public bool Matches(string text)
    {
        if (_words.Count == 0) return false;
        var words = _words.GetAlternateLookup<ReadOnlySpan<char>>();
        var word = new Word(stackalloc char[MostLength + 1]);
        foreach (var rune in UnicodeForms.Nfkc(text).EnumerateRunes())
        {
            if (word.Takes(rune)) continue;
            if (words.Contains(word.Text)) return true;
            word.Clear();
        }
        return words.Contains(word.Text);
    }

    /// <summary>Whether a line may stand in a list: one word, of 1 to 64 characters.</summary>
    public static bool IsWord(string line) => TextRules.Count(line) is not null && Fold(line) is not null;

    private static string Folded(string line) =>
        Fold(line) ?? throw new FormatException($"The word list holds a line that is not one word of {MostLength} characters at most: {line}");

    private static string? Fold(string line)
    {
        var word = new Word(stackalloc char[MostLength + 1]);
        foreach (var rune in UnicodeForms.Nfkc(line).EnumerateRunes())
        {
            if (!word.Takes(rune)) return null;
        }
        return word.Text.Length is > 0 and <= MostLength ? word.Text.ToString() : null;
    }

    /// <summary>The word at hand. One that is too long stays at a length that no word of the list has.</summary>
    private ref struct Word(Span<char> buffer)
    {
        private readonly Span<char> _buffer = buffer;
        private int _length;

        public readonly ReadOnlySpan<char> Text => _buffer[.._length];

        public void Clear() => _length = 0;

        /// <returns>False if the character stands between words.</returns>
        public bool Takes(Rune rune)
        {
            var category = Rune.GetUnicodeCategory(rune);
            if (category == UnicodeCategory.Format) return true; // zero-width and soft hyphens: not there
            if (category > UnicodeCategory.EnclosingMark && category is not (UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber)) return false;
            _length = Rune.ToLowerInvariant(rune).TryEncodeToUtf16(_buffer[_length..], out var written) ? _length + written : _buffer.Length;
            return true;
        }
    }
}
