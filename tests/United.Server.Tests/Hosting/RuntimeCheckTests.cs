using United.Server.Hosting;
using Xunit;

namespace United.Server.Tests.Hosting;

/// <summary>Abuse case 41: no start on a runtime that takes forged cookies.</summary>
public sealed class RuntimeCheckTests
{
    [Theory]
    [InlineData("10.0.0")]
    [InlineData("10.0.6")]
    [InlineData("9.0.20")]
    public void A_runtime_with_known_flaws_is_refused(string version) =>
        Assert.Throws<PlatformNotSupportedException>(() => RuntimeCheck.Demand(Version.Parse(version)));

    [Theory]
    [InlineData("10.0.7")]
    [InlineData("10.1.0")]
    public void A_later_one_is_taken(string version) => RuntimeCheck.Demand(Version.Parse(version));

    [Fact]
    public void This_one_is_taken() => RuntimeCheck.Demand(Environment.Version);
}
