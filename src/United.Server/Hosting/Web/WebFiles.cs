using System.Reflection;

namespace United.Server.Hosting.Web;

/// <summary>The built pages: in the executable itself, so that one file is the whole server.</summary>
internal sealed class WebFiles
{
    private const string Folder = "web/";

    private readonly Dictionary<string, WebFile> _files = new(StringComparer.Ordinal);

    /// <param name="built">Paths without a slash at the front; <c>x.br</c> and <c>x.gz</c> are the compressed <c>x</c>.</param>
    public WebFiles(IReadOnlyDictionary<string, Func<Stream>> built)
    {
        foreach (var (path, open) in built)
        {
            if (path.EndsWith(".br", StringComparison.Ordinal) || path.EndsWith(".gz", StringComparison.Ordinal)) continue;
            _files["/" + path] = new WebFile(path, open) { Brotli = built.GetValueOrDefault(path + ".br"), Gzip = built.GetValueOrDefault(path + ".gz") };
        }
    }

    /// <summary>The page of the client. Null in a build that was made without it.</summary>
    public WebFile? Index => Find("/index.html");

    public WebFile? Find(string path) => _files.GetValueOrDefault(path);

    public static WebFiles Embedded()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return new WebFiles(assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .ToDictionary(name => name[Folder.Length..], name => (Func<Stream>)(() => assembly.GetManifestResourceStream(name)!)));
    }
}
