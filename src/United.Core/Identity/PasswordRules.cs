using System.Collections.Frozen;
using System.Text;

namespace United.Core.Identity;

/// <summary>
/// Which passwords may be chosen: 10 to 256 characters, not a common one, no rule of composition. Compared and hashed in normal
/// form KC, so that every keyboard types the same password.
/// </summary>
internal static class PasswordRules
{
    private const int Least = 10;
    private const int Most = 256;
    private const int MostBytes = 1024;
    private const int LongestPattern = 4;

    private static readonly Lazy<FrozenSet<string>> Common = new(() => Resource.Lines("Identity.common-passwords.txt").ToFrozenSet(StringComparer.Ordinal));

    /// <returns>The bytes to hash; null for what can't be anybody's password.</returns>
    public static byte[]? Bytes(string password)
    {
        if (password.Length > MostBytes || TextRules.Count(password) is null) return null;
        var bytes = Encoding.UTF8.GetBytes(UnicodeForms.Nfkc(password));
        return bytes.Length <= MostBytes ? bytes : null;
    }

    /// <returns>Null if the user may choose it.</returns>
    public static Refusal? Choose(string password, string username, string field = "password")
    {
        if (Bytes(password) is null || TextRules.Count(password) is not { } length || length > Most) return Refusal.Invalid(field, $"has more than {Most} characters, or bytes beyond {MostBytes}");
        if (length < Least) return Refusal.Invalid(field, $"needs at least {Least} characters");
        var folded = UnicodeForms.Nfkc(password).ToLowerInvariant();
        return IsCommon(folded) || folded == username ? Refusal.Invalid(field, "is too easy to guess") : null;
    }

    // Listed, a listed word with digits and signs around it, or a short pattern over and over.
    private static bool IsCommon(string folded) =>
        Common.Value.Contains(folded) || Common.Value.Contains(Core(folded)) || IsRepeated(folded);

    private static string Core(string folded)
    {
        var start = folded.AsSpan().IndexOfAnyInRange('a', 'z');
        return start < 0 ? "" : folded[start..(folded.AsSpan().LastIndexOfAnyInRange('a', 'z') + 1)];
    }

    private static bool IsRepeated(string folded) =>
        Enumerable.Range(1, LongestPattern).Any(length => folded.AsSpan(length).SequenceEqual(folded.AsSpan(0, folded.Length - length)));
}
