using Microsoft.Extensions.Configuration;
using United.Server.Hosting.Settings;
using Xunit;

namespace United.Server.Tests.Hosting;

public sealed class SettingsTests
{
    [Fact]
    public void Nothing_has_to_be_set()
    {
        var options = Read();

        Assert.Equal(["http://127.0.0.1:8080"], options.Server.Urls);
        Assert.Equal((10, 30, 2), (options.Core.Identity.Limits.MessagesPerSecond, options.Core.Identity.Limits.MessageBurst, options.Core.Identity.Limits.TypingSeconds));
    }

    [Theory]
    [InlineData(1, 1, 45)]
    [InlineData(25, 20, 45)]
    [InlineData(26, 20, 46)]
    [InlineData(300, 300, 600)]
    public void What_is_on_its_way_to_a_connection_waits_for_the_slowest_wire_to_find_it_dead(int ping, int timeout, int found) =>
        Assert.Equal(TimeSpan.FromSeconds(found), Read(("SocketIo:PingSeconds", $"{ping}"), ("SocketIo:PingTimeoutSeconds", $"{timeout}")).Core.Realtime.DeadFoundWithin);

    [Theory]
    [InlineData("Urls", "https://x:1")]
    [InlineData("Urls", "")]
    [InlineData("Urls", "localhost:80")]
    [InlineData("PublicUrl", "https://x/path")]
    [InlineData("PublicUrl", "x")]
    [InlineData("Cors:Origins", "https://a.example/")]
    [InlineData("Cors:Origins", "*")]
    [InlineData("Proxies:Trusted", "proxy.local")]
    [InlineData("Setup:AllowLoopback", "yes")]
    [InlineData("Registration", "sometimes")]
    [InlineData("Limits:MessageBurst", "0")]
    [InlineData("Limits:MessageBurst", "many")]
    [InlineData("Limits:MessageBurst", "1.5")]
    [InlineData("MessageLog:Lanes", "9")]
    [InlineData("Otlp:Endpoint", "nowhere")]
    [InlineData("Log:Level", "Trace!")]
    public void A_wrong_value_is_refused_by_its_key(string key, string value)
    {
        var problem = Assert.Single(Assert.Throws<SettingsException>(() => Read((key, value))).Problems);

        Assert.StartsWith(key + ": ", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Logging:LogLevel:Default")]
    [InlineData("Limits:MessageBursts")]
    [InlineData("Cors:Origins:first")]
    [InlineData("Cors")]
    [InlineData("Urls:0")]
    public void A_key_that_nobody_reads_is_refused(string key) =>
        Assert.StartsWith(key + ": is not a setting", Assert.Single(Assert.Throws<SettingsException>(() => Read((key, "1"))).Problems), StringComparison.Ordinal);

    [Fact]
    public void A_list_is_an_array_or_a_text_with_commas()
    {
        string[] origins = ["https://a.example", "https://b.example"];

        Assert.Equal(origins, Read(("Cors:Origins:0", origins[0]), ("Cors:Origins:1", origins[1])).Server.CorsOrigins);
        Assert.Equal(origins, Read(("Cors:Origins", string.Join(", ", origins))).Server.CorsOrigins);
    }

    [Fact]
    public void Case_of_keys_does_not_matter() => Assert.Equal(7, Read(("limits:MESSAGEBURST", "7")).Core.Identity.Limits.MessageBurst);

    [Fact]
    public void Every_setting_is_documented_once()
    {
        var document = UnitedOptions.Document();

        Assert.Equal(document.Count, document.Select(setting => setting.Key.ToUpperInvariant()).Distinct().Count());
        Assert.All(document, setting => Assert.EndsWith(".", setting.Meaning, StringComparison.Ordinal));
    }

    private static UnitedOptions Read(params (string Key, string Value)[] set) => UnitedOptions.Read(
        new ConfigurationBuilder().AddInMemoryCollection(set.Select(given => KeyValuePair.Create<string, string?>(given.Key, given.Value))).Build());
}
