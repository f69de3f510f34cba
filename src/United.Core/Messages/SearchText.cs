using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace United.Core.Messages;

/// <summary>
/// How texts become searchable, the same on both databases and for what is stored as for what is looked for. Results are stored:
/// a change of anything here needs a rebuild of the index.
/// </summary>
internal static class SearchText
{
    /// <summary>Shorter texts have no trigram.</summary>
    public const int ShortestIndexed = 3;

    // Private areas, so that no word is taken for one of these.
    private const int ConversationPlane = 0xF0000;
    private const int SenderPlane = 0x100000;

    /// <summary>Letters without regard to case and form, and any white space as one space.</summary>
    public static string Fold(string text)
    {
        // Up and down: there are small letters with one capital between them (the two sigmas). Most texts are ASCII, and spared three copies.
        var folded = Ascii.IsValid(text) ? text : UnicodeForms.Nfkc(text).ToUpperInvariant().ToLowerInvariant();
        var letters = ArrayPool<char>.Shared.Rent(folded.Length);
        var length = 0;
        foreach (var c in folded)
        {
            if (!char.IsWhiteSpace(c)) letters[length++] = char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c;
            else if (length > 0 && letters[length - 1] != ' ') letters[length++] = ' ';
        }
        var result = letters.AsSpan(0, length).TrimEnd(' ').ToString();
        ArrayPool<char>.Shared.Return(letters);
        return result;
    }

    /// <summary>The distinct trigrams.</summary>
    public static IEnumerable<string> Trigrams(string folded)
    {
        var runes = folded.EnumerateRunes().ToArray();
        return Enumerable.Range(0, Math.Max(0, runes.Length - 2)).Select(i => $"{runes[i]}{runes[i + 1]}{runes[i + 2]}").Distinct();
    }

    /// <summary>Adds the trigrams as numbers. Two may share one: whoever looks them up has to look at the text too.</summary>
    public static void AddGrams(string folded, HashSet<int> grams)
    {
        int first = 0, second = 0, count = 0;
        foreach (var rune in folded.EnumerateRunes())
        {
            if (++count >= 3) grams.Add(Gram(first, second, rune.Value));
            (first, second) = (second, rune.Value);
        }
    }

    /// <summary>Adds what <see cref="OfConversation"/> and <see cref="OfSender"/> would, without making them.</summary>
    public static void AddScopes(Guid conversationId, Guid senderId, HashSet<int> grams)
    {
        var (conversation, sender) = (Scope(conversationId, ConversationPlane), Scope(senderId, SenderPlane));
        grams.Add(Gram(conversation.First, conversation.Second, conversation.Third));
        grams.Add(Gram(sender.First, sender.Second, sender.Third));
    }

    /// <summary>A trigram that stands for a conversation.</summary>
    public static string OfConversation(Guid id) => Written(Scope(id, ConversationPlane));

    /// <summary>A trigram that stands for a sender.</summary>
    public static string OfSender(Guid id) => Written(Scope(id, SenderPlane));

    private static int Gram(int first, int second, int third) => unchecked((int)(
        ((uint)first * 0x9E3779B1) ^ BitOperations.RotateLeft((uint)second * 0x85EBCA77, 11) ^ BitOperations.RotateLeft((uint)third * 0xC2B2AE3D, 22)));

    private static string Written((int First, int Second, int Third) trigram) => $"{new Rune(trigram.First)}{new Rune(trigram.Second)}{new Rune(trigram.Third)}";

    private static (int First, int Second, int Third) Scope(Guid id, int plane)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return (At(bytes[10..]), At(bytes[12..]), At(bytes[14..]));

        int At(ReadOnlySpan<byte> pair) => plane + Math.Min(0xFFFD, (int)BinaryPrimitives.ReadUInt16BigEndian(pair));
    }
}
