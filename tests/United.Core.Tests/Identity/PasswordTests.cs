using System.Text;
using United.Core.Identity;
using Xunit;

namespace United.Core.Tests.Identity;

public sealed class PasswordTests
{
    private static readonly PasswordCost Cheap = new PasswordCost.Scrypt(4, 8, 1);

    [Theory] // RFC 7914, 12
    [InlineData("", "", 4, 1, 1, "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906")]
    [InlineData("password", "NaCl", 10, 8, 16, "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640")]
    [InlineData("pleaseletmein", "SodiumChloride", 14, 8, 1, "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887")]
    public void The_vectors_of_the_rfc_hold(string password, string salt, int logN, int r, int p, string hash) =>
        Assert.Equal(hash, Convert.ToHexStringLower(new PasswordCost.Scrypt(logN, r, p).Compute(Encoding.UTF8.GetBytes(password), Encoding.UTF8.GetBytes(salt), 64)));

    [Fact]
    public void The_usual_cost_is_the_one_that_was_chosen() => Assert.Equal("scrypt$ln=15,r=8,p=3", PasswordCost.Usual.ToString());

    [Fact]
    public async Task A_hash_is_told_in_one_line_and_verifies()
    {
        foreach (var cost in (PasswordCost[])[Cheap, new PasswordCost.Pbkdf2(1000)])
        {
            using var passwords = new Passwords(cost);
            var stored = (await passwords.Hash("correct horse battery", default)).Value;

            Assert.Matches(@"^\$(scrypt\$ln=4,r=8,p=1|pbkdf2-sha512\$i=1000)\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$", stored);
            Assert.Equal(new Passwords.Verdict(true, false), (await passwords.Verify("correct horse battery", stored, default)).Value);
            Assert.False((await passwords.Verify("correct horse batterz", stored, default)).Value.Matches);
            Assert.False((await passwords.Verify("", stored, default)).Value.Matches);
        }
    }

    [Fact]
    public async Task A_hash_of_another_cost_still_verifies_and_is_said_to_be_outdated()
    {
        using var old = new Passwords(new PasswordCost.Pbkdf2(1000));
        using var present = new Passwords(Cheap);
        var stored = (await old.Hash("correct horse battery", default)).Value;

        Assert.Equal(new Passwords.Verdict(true, true), (await present.Verify("correct horse battery", stored, default)).Value);
        Assert.Equal(new Passwords.Verdict(false, false), (await present.Verify("another password", stored, default)).Value);
    }

    [Fact]
    public async Task Nobodys_password_never_matches()
    {
        using var passwords = new Passwords(Cheap);

        Assert.False((await passwords.Verify("", null, default)).Value.Matches);
        Assert.False((await passwords.Verify("correct horse battery", null, default)).Value.Matches);
    }

    [Fact]
    public async Task Nobodys_password_takes_the_same_work()
    {
        var cost = new CountedCost();
        using var passwords = new Passwords(cost);
        foreach (var password in (string[])["correct horse battery", "", "half \ud800", new string('x', 100_000)])
        {
            await passwords.Verify(password, null, default);
            Assert.Equal(1, cost.Taken());
        }
    }

    [Fact]
    public async Task No_random_wrong_password_is_taken()
    {
        using var passwords = new Passwords(Cheap);
        var stored = (await passwords.Hash("correct horse battery", default)).Value;
        var random = new Random(7);
        for (var i = 0; i < 1000; i++)
        {
            var guess = Convert.ToBase64String(Ids.RandomBytes(random.Next(1, 60)));
            Assert.False((await passwords.Verify(guess, stored, default)).Value.Matches);
        }
    }

    [Fact]
    public async Task Every_keyboard_types_the_same_password()
    {
        using var passwords = new Passwords(Cheap);
        var stored = (await passwords.Hash("pa\u0308ssworte ﬁnden", default)).Value;

        Assert.True((await passwords.Verify("p\u00e4ssworte finden", stored, default)).Value.Matches);
    }

    [Fact]
    public async Task Beyond_the_queue_there_is_a_refusal_at_once()
    {
        using var passwords = new Passwords(new PasswordCost.Scrypt(14, 8, 1));
        var many = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => passwords.Verify("correct horse battery", null, default)));

        Assert.Contains(many, result => result.Refusal?.Fault == Fault.Unavailable && result.Refusal.RetryAfter > TimeSpan.Zero);
        Assert.True(many.Count(result => result.Ok) >= 64);
        Assert.True((await passwords.Verify("correct horse battery", null, default)).Ok);
    }

    [Theory]
    [InlineData("ninechars")]
    [InlineData("")]
    [InlineData("1234567890")]
    [InlineData("QwertyUiop")]
    [InlineData("password123")]
    [InlineData("Liverpool2024!")]
    [InlineData("!!!!sunshine")]
    [InlineData("aaaaaaaaaaaa")]
    [InlineData("abcdabcdabcd")]
    [InlineData("alice.example")] // the username
    public void What_is_easy_to_guess_is_refused(string password) => Assert.Equal("password", PasswordRules.Choose(password, "alice.example")?.Field);

    [Fact]
    public void Half_a_surrogate_pair_is_refused() => Assert.NotNull(PasswordRules.Choose("pass\ud800word words", "al"));

    [Fact]
    public void Length_is_bounded()
    {
        Assert.Null(PasswordRules.Choose("tenletters", "al"));
        Assert.Null(PasswordRules.Choose(string.Concat(Enumerable.Range(0, 64).Select(i => $"{i:x2}zq")), "al"));
        Assert.NotNull(PasswordRules.Choose(string.Concat(Enumerable.Range(0, 65).Select(i => $"{i:x2}zq")), "al"));
        Assert.NotNull(PasswordRules.Choose(new string('x', 100_000), "al"));
        Assert.Null(PasswordRules.Choose("😀 correct 🐎 battery", "al"));
    }
}
