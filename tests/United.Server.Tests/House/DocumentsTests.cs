using System.Text.RegularExpressions;
using United.Core.Storage;
using United.Server.Cli;
using United.Testing;
using Xunit;

namespace United.Server.Tests.House;

/// <summary>What the documents say of the program is so.</summary>
public sealed partial class DocumentsTests
{
    private const string Begin = "<!-- settings -->\n";
    private const string End = "<!-- /settings -->";

    [Fact]
    public void The_settings_in_the_manual_are_those_that_the_program_reads()
    {
        var manual = Repository.Read("docs/operating.md");
        var (begin, end) = (manual.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, manual.IndexOf(End, StringComparison.Ordinal));

        Repository.Approve("docs/operating.md", manual[..begin] + ConfigCommand.Document() + manual[end..]);
    }

    [Fact]
    public void Links_between_documents_lead_somewhere()
    {
        foreach (var file in Repository.Files("docs", "*.md").Concat(["README.md", "CONTRIBUTING.md"]))
            foreach (Match link in Link().Matches(Repository.Read(file)))
            {
                var target = Path.Combine(Repository.Root, Path.GetDirectoryName(file)!, link.Groups[1].Value);
                Assert.True(File.Exists(target) || Directory.Exists(target), $"{file} links to {link.Groups[1].Value}, which is not there.");
            }
    }

    [Fact]
    public void Tests_that_the_requirements_name_exist()
    {
        var tests = Repository.Files("tests", "*.cs").Select(file => Path.GetFileNameWithoutExtension(file)!).ToHashSet();
        foreach (Match named in NamedTest().Matches(Repository.Read("docs/requirements.md")))
            Assert.True(tests.Contains(named.Groups[1].Value), $"docs/requirements.md names {named.Value}, which is not there.");
    }

    [Fact]
    public async Task Every_table_stands_in_the_requirements()
    {
        await using var database = await TestDatabase.Create(Engine.Sqlite);
        var tables = await database.Database.Read(sql => sql.All("select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite_%' and name not like 'message_trigrams%'", row => row.Text(0)));
        var requirements = Repository.Read("docs/requirements.md");

        Assert.All(tables, table => Assert.Contains($"`{table}", requirements, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_route_stands_in_the_requirements()
    {
        await using var server = await TestServer.Start(Engine.Sqlite);
        using var document = System.Text.Json.JsonDocument.Parse(await server.Client.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken));
        var requirements = Repository.Read("docs/requirements.md");

        var missing = document.RootElement.GetProperty("paths").EnumerateObject().Select(path => path.Name)
            .Where(path => !requirements.Contains(path, StringComparison.Ordinal));

        Assert.Empty(missing);
    }

    [GeneratedRegex(@"\]\((?!https?:)([^)#\s]+)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\b([A-Z][A-Za-z]*Tests)\b")]
    private static partial Regex NamedTest();
}
