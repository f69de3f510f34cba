using United.Core.Media;
using Xunit;

namespace United.Core.Tests.Media;

public sealed class FileNameTests
{
    [Theory]
    [InlineData("holiday.png", "holiday.png")]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("C:\\Windows\\system32\\calc.exe", "calc.exe")]
    [InlineData("/", "")]
    [InlineData("..", "")]
    [InlineData("...", "")]
    [InlineData(".bashrc", "bashrc")]
    [InlineData("report.pdf . ", "report.pdf")]
    [InlineData("a\r\nSet-Cookie: x=1", "aSet-Cookie: x=1")]
    [InlineData("invoice\u202Egnp.exe", "invoicegnp.exe")]
    [InlineData("zero\u200Bwidth\uFEFF.txt", "zerowidth.txt")]
    [InlineData("nul\0byte.png", "nulbyte.png")]
    [InlineData("line\u2028break.png", "linebreak.png")]
    [InlineData("Gru\u0308ße.txt", "Gr\u00FCße.txt")]
    [InlineData("", "")]
    public void A_name_keeps_what_can_be_seen_and_no_folder(string given, string kept) => Assert.Equal(kept, FileName.Clean(given));

    [Fact]
    public void Half_a_character_is_shown_as_none() => Assert.Equal("half \uFFFD.txt", FileName.Clean("half \uD83D.txt"));

    [Fact]
    public void A_long_name_keeps_its_end()
    {
        var kept = FileName.Clean(new string('x', 400) + ".jpeg");

        Assert.Equal(FileName.MostLength, kept.Length);
        Assert.EndsWith("x.jpeg", kept, StringComparison.Ordinal);
        Assert.Equal(FileName.MostLength, FileName.Clean(new string('x', 500)).Length);
        Assert.Equal(254, FileName.Clean(new string('x', 249) + string.Concat(Enumerable.Repeat("😀", 20)) + ".jpeg").Length);
    }
}
