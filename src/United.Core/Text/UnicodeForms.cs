using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace United.Core;

/// <summary>
/// Unicode normalization (UAX 15). The program runs without ICU, where <see cref="string.Normalize()"/> leaves everything but
/// ASCII as it is; so the tables come along. Version 14: characters newer than that stay as they are.
/// </summary>
internal static class UnicodeForms
{
    private const int HangulBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TrailBase = 0x11A7;
    private const int LeadCount = 19, VowelCount = 21, TrailCount = 28, HangulCount = LeadCount * VowelCount * TrailCount;

    private static readonly Lazy<Tables> Loaded = new(Tables.Load);

    /// <summary>Characters that look and mean the same get the same code points: names.</summary>
    /// <exception cref="ArgumentException">The text holds half a surrogate pair.</exception>
    public static string Nfc(string text) => Ascii.IsValid(text) ? text : Compose(Decompose(text, compatible: false));

    /// <summary>Also folds ligatures, full-width forms and the like: passwords, so that every keyboard types the same one.</summary>
    /// <exception cref="ArgumentException">The text holds half a surrogate pair.</exception>
    public static string Nfkc(string text) => Ascii.IsValid(text) ? text : Compose(Decompose(text, compatible: true));

    private static List<int> Decompose(string text, bool compatible)
    {
        var tables = Loaded.Value;
        var result = new List<int>(text.Length);
        for (var i = 0; i < text.Length; i += char.IsHighSurrogate(text[i]) ? 2 : 1)
        {
            var scalar = char.ConvertToUtf32(text, i);
            if (scalar is >= HangulBase and < HangulBase + HangulCount) Split(scalar - HangulBase, result);
            else if (compatible && tables.Compatible.TryGetValue(scalar, out var loose)) result.AddRange(loose);
            else if (tables.Canonical.TryGetValue(scalar, out var exact)) result.AddRange(exact);
            else result.Add(scalar);
        }
        Reorder(result, tables);
        return result;
    }

    private static void Split(int syllable, List<int> into)
    {
        into.Add(LeadBase + (syllable / (VowelCount * TrailCount)));
        into.Add(VowelBase + (syllable / TrailCount % VowelCount));
        if (syllable % TrailCount is > 0 and var trail) into.Add(TrailBase + trail);
    }

    // Marks of one base stand by rising class; equal ones keep their order. Runs are short: insertion sort.
    private static void Reorder(List<int> scalars, Tables tables)
    {
        for (var i = 1; i < scalars.Count; i++)
        {
            var (scalar, rank) = (scalars[i], tables.Class(scalars[i]));
            var at = i;
            for (; rank != 0 && at > 0 && tables.Class(scalars[at - 1]) > rank; at--) scalars[at] = scalars[at - 1];
            scalars[at] = scalar;
        }
    }

    private static string Compose(List<int> scalars)
    {
        var tables = Loaded.Value;
        var kept = new List<int>(scalars.Count);
        int starter = -1, previous = 0;
        foreach (var scalar in scalars)
        {
            var rank = tables.Class(scalar);
            var blocked = starter >= 0 && starter != kept.Count - 1 && (previous == 0 || previous >= rank);
            if (starter >= 0 && !blocked && Joined(kept[starter], scalar, tables) is { } joined)
            {
                kept[starter] = joined;
                continue;
            }
            if (rank == 0) starter = kept.Count;
            previous = rank;
            kept.Add(scalar);
        }
        var text = new StringBuilder(kept.Count);
        foreach (var scalar in kept) text.Append(char.ConvertFromUtf32(scalar));
        return text.ToString();
    }

    private static int? Joined(int first, int second, Tables tables)
    {
        var (lead, vowel) = (first - LeadBase, second - VowelBase);
        if (lead is >= 0 and < LeadCount && vowel is >= 0 and < VowelCount) return HangulBase + (((lead * VowelCount) + vowel) * TrailCount);
        var (syllable, trail) = (first - HangulBase, second - TrailBase);
        if (syllable is >= 0 and < HangulCount && syllable % TrailCount == 0 && trail is > 0 and < TrailCount) return first + trail;
        return tables.Pairs.TryGetValue((first, second), out var joined) ? joined : null;
    }

    private sealed class Tables
    {
        public required FrozenDictionary<int, int[]> Canonical { get; init; }
        public required FrozenDictionary<int, int[]> Compatible { get; init; }
        public required FrozenDictionary<(int First, int Second), int> Pairs { get; init; }
        public required FrozenDictionary<int, byte> Classes { get; init; }

        public int Class(int scalar) => Classes.TryGetValue(scalar, out var rank) ? rank : 0;

        public static Tables Load()
        {
            Dictionary<int, int[]> canonical = [], compatible = [];
            Dictionary<int, byte> classes = [];
            List<(int Composite, int[] Parts)> composites = [];
            foreach (var line in Resource.Lines("Text.unicode-normalization.txt"))
            {
                if (line[0] == '@') ReadClass(line, classes);
                else if (Read(line) is var (composite, parts))
                {
                    (line[0] == '~' ? compatible : canonical).Add(composite, parts);
                    if (line[0] == '=') composites.Add((composite, parts));
                }
            }
            return new Tables
            {
                Canonical = canonical.ToFrozenDictionary(),
                Compatible = compatible.ToFrozenDictionary(),
                Classes = classes.ToFrozenDictionary(),
                Pairs = PairsOf(composites).ToFrozenDictionary(),
            };
        }

        // A full decomposition ends with the second half of the pair; what stands before it composes to the first half, which
        // is shorter and so has been met before.
        private static Dictionary<(int, int), int> PairsOf(List<(int Composite, int[] Parts)> composites)
        {
            var whole = new Dictionary<string, int>();
            var pairs = new Dictionary<(int, int), int>();
            foreach (var (composite, parts) in composites.OrderBy(entry => entry.Parts.Length))
            {
                pairs.Add((parts.Length == 2 ? parts[0] : whole[Key(parts[..^1])], parts[^1]), composite);
                whole.Add(Key(parts), composite);
            }
            return pairs;
        }

        private static string Key(int[] parts) => string.Join(' ', parts);

        private static (int Scalar, int[] Parts) Read(string line)
        {
            var numbers = line[1..].Split(' ');
            return (Hex(numbers[0]), Array.ConvertAll(numbers[1..], Hex));
        }

        private static void ReadClass(string line, Dictionary<int, byte> classes)
        {
            var parts = line[1..].Split(' ');
            var rank = byte.Parse(parts[0], CultureInfo.InvariantCulture);
            foreach (var range in parts[1..])
            {
                var ends = range.Split('-');
                for (var scalar = Hex(ends[0]); scalar <= Hex(ends[^1]); scalar++) classes.Add(scalar, rank);
            }
        }

        private static int Hex(string text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }
}
