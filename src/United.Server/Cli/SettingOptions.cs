using System.Collections;
using System.CommandLine;

namespace United.Server.Cli;

/// <summary>The options that stand for settings, and the configuration that they make together with file and environment.</summary>
internal sealed class SettingOptions : IEnumerable<(Option<string?> Option, string Key)>
{
    private readonly List<(Option<string?> Option, string Key)> _options = [];

    public void Add(Option<string?> option, string key) => _options.Add((option, key));

    /// <summary>What comes later wins: <c>appsettings.json</c> in the working directory, <c>UNITED_*</c>, the command line.</summary>
    /// <exception cref="InvalidDataException">The file is not JSON.</exception>
    public IConfiguration Configure(ParseResult parsed) => new ConfigurationBuilder()
        .SetBasePath(Directory.GetCurrentDirectory())
        .AddJsonFile("appsettings.json", optional: true)
        .AddEnvironmentVariables("UNITED_")
        .AddInMemoryCollection(Given(parsed))
        .Build();

    public IEnumerator<(Option<string?> Option, string Key)> GetEnumerator() => _options.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private IEnumerable<KeyValuePair<string, string?>> Given(ParseResult parsed) =>
        from given in _options
        where parsed.GetResult(given.Option) is { Implicit: false }
        select new KeyValuePair<string, string?>(given.Key, parsed.GetValue(given.Option));
}
