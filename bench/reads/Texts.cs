namespace United.ReadsBench;

/// <summary>Texts of made-up words, as common and as rare as words of a language are (Zipf), the same in every run.</summary>
internal static class Texts
{
    private const string Consonants = "bcdfghjklmnprstvwz";
    private const string Vowels = "aeiou";

    private static readonly Random Random = new(7);
    private static readonly string[] Words = [.. Enumerable.Range(0, 50_000).Select(_ => Word())];
    private static readonly double[] Shares = Cumulated();

    public static (string Kind, string Text)[] Queries =>
    [
        ("a common word", Words[0]), ("a frequent word", Words[300]), ("a rare word", Words.Last(word => word.Length > 7)), ("two words", $"{Words[5]} {Words[0]}"), ("no such word", "xqxqxq"),
        ("one character", "e"),
    ];

    public static string Next() => string.Join(' ', Enumerable.Range(0, 4 + Random.Next(20)).Select(_ => Words[Pick()]));

    private static int Pick()
    {
        var found = Array.BinarySearch(Shares, Random.NextDouble() * Shares[^1]);
        return Math.Min(found < 0 ? ~found : found, Words.Length - 1);
    }

    private static string Word() => string.Concat(Enumerable.Range(0, 3 + Random.Next(8)).Select(i => i % 2 == 0 ? Consonants[Random.Next(Consonants.Length)] : Vowels[Random.Next(Vowels.Length)]));

    private static double[] Cumulated()
    {
        var sum = 0.0;
        return [.. Words.Select((_, i) => sum += 1.0 / (i + 2))];
    }
}
