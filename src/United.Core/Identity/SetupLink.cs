namespace United.Core.Identity;

/// <summary>The link that makes the owner's account, in a file that only the operator can read. Gone once there is an owner.</summary>
public sealed class SetupLink(string dataDirectory)
{
    public string Path { get; } = System.IO.Path.Combine(dataDirectory, "setup-link.txt");

    /// <summary>The token stands behind <c>#</c>: browsers don't send that part, so it ends up in nobody's log.</summary>
    public static string For(Uri address, string token) => new Uri(address, "/setup").AbsoluteUri + "#token=" + token;

    public void Write(string link)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.Delete(Path);
        using var writer = new StreamWriter(Path, options);
        writer.WriteLine(link);
    }

    public void Remove() => File.Delete(Path);
}
