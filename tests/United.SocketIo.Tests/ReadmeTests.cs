namespace United.SocketIo.Tests;

public sealed class ReadmeTests
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(Node.Folder, "..", "..", ".."));

    [Fact]
    public void The_first_server_of_the_README_is_the_one_that_is_compiled()
    {
        var readme = File.ReadAllText(Path.Combine(Root, "src/United.SocketIo/README.md"));
        var program = File.ReadAllText(Path.Combine(Root, "tests/United.SocketIo.Example/Program.cs"));
        Assert.Contains("```csharp\n" + program.TrimEnd() + "\n```", readme);
    }

    [Fact]
    public void Every_page_that_the_README_names_is_there_and_every_page_is_named()
    {
        var folder = Path.Combine(Root, "src/United.SocketIo");
        var readme = File.ReadAllText(Path.Combine(folder, "README.md"));
        var named = System.Text.RegularExpressions.Regex.Matches(readme, @"\(docs/([\w-]+\.md)\)").Select(match => match.Groups[1].Value);
        Assert.Equal(Directory.GetFiles(Path.Combine(folder, "docs")).Select(Path.GetFileName).Order(), named.Distinct().Order());
    }

    [Fact]
    public void The_limits_page_names_the_defaults_that_hold()
    {
        var limits = File.ReadAllText(Path.Combine(Root, "src/United.SocketIo/docs/limits.md"));
        var options = new SocketIoOptions();
        Assert.Contains($"| `MaxHttpBufferSize` | {options.MaxHttpBufferSize:N0} bytes |", limits);
        Assert.Contains($"| `MaxQueuedBytes` | {options.MaxQueuedBytes >> 20} MiB ", limits);
        Assert.Contains($"| `MaxSessions` | {options.MaxSessions:N0} |", limits);
        Assert.Contains($"| `MaxConcurrentHandlers` | {options.MaxConcurrentHandlers} ", limits);
        Assert.Contains($"| `MaxPendingAcks` | {options.MaxPendingAcks:N0} ", limits);
        Assert.Contains($"| `MaxAttachments` | {options.MaxAttachments} ", limits);
        Assert.Contains($"| `MaxNamespacesPerConnection` | {options.MaxNamespacesPerConnection} |", limits);
        Assert.Contains($"| `MaxChildNamespaces` | {options.MaxChildNamespaces:N0} |", limits);
        Assert.Contains($"| `ConnectTimeout` | {options.ConnectTimeout.TotalSeconds} s |", limits);
        Assert.Contains($"| `UpgradeTimeout` | {options.UpgradeTimeout.TotalSeconds} s |", limits);
    }
}
