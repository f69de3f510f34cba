using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace United.Core.Tests.Text;

/// <summary>Against Python's unicodedata (Unicode 14), by the hash of everything that it gave.</summary>
public sealed class UnicodeFormsTests
{
    private static readonly (int First, int Last)[] Pool =
    [
        (0x41, 0x5a), (0x61, 0x7a), (0xc0, 0x24f), (0x300, 0x362), (0x370, 0x3ff), (0x900, 0x9ff), (0x1100, 0x1112), (0x1161, 0x1175), (0x11a7, 0x11c2),
        (0x1e00, 0x1fff), (0x3040, 0x30ff), (0xac00, 0xac40), (0xfb00, 0xfb4f), (0xff00, 0xffef), (0x1d15e, 0x1d164), (0x110ba, 0x110ba),
    ];

    [Fact]
    public void Every_code_point_has_the_forms_of_the_reference()
    {
        Assert.Equal("9cc65524a9d8082bf10840c616cd199bd2ac12ee49a3381bd6fb7957711f342b", HashOf(AllScalars(), UnicodeForms.Nfc));
        Assert.Equal("06e7277bca1b5f061a23d4e0caee648a132aee7e3fe7ae21a6f460298c980a11", HashOf(AllScalars(), UnicodeForms.Nfkc));
    }

    [Fact]
    public void Random_heaps_of_letters_and_marks_have_the_forms_of_the_reference()
    {
        Assert.Equal("dc6a7ef8f8285b11a8db8b5b628d33fe63d3a9c66738356a124b1f41fddfcd28", HashOf(Heaps(), UnicodeForms.Nfc));
        Assert.Equal("caa9c1276c8132960c2209914b17cc7a6feedad6f18a8b0d1e61e1773827b174", HashOf(Heaps(), UnicodeForms.Nfkc));
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused() => Assert.Throws<ArgumentException>(() => UnicodeForms.Nfc("a\ud800"));

    private static IEnumerable<string> AllScalars() =>
        Enumerable.Range(0, 0x110000).Where(scalar => scalar is < 0xD800 or > 0xDFFF).Select(char.ConvertFromUtf32);

    private static IEnumerable<string> Heaps()
    {
        int[] pool = [.. Pool.SelectMany(range => Enumerable.Range(range.First, range.Last - range.First + 1))];
        long state = 12345;
        int Next() => (int)((state = ((state * 1103515245) + 12345) & 0x7fffffff) >> 8);
        for (var i = 0; i < 30_000; i++)
        {
            var length = 1 + (Next() % 8);
            yield return string.Concat(Enumerable.Range(0, length).Select(_ => char.ConvertFromUtf32(pool[Next() % pool.Length])));
        }
    }

    private static string HashOf(IEnumerable<string> texts, Func<string, string> form)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var text in texts) hash.AppendData(Encoding.UTF8.GetBytes(form(text) + "\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
