namespace United.Core.Storage;

/// <summary>Files that belong to the rows of a database and lie beside it, each under the SHA-256 of its bytes (lower-case hex).</summary>
/// <param name="Names">Those that the rows of a snapshot need.</param>
/// <param name="Open">Null: it is gone since.</param>
/// <param name="Keep">Takes one out of a backup, if its bytes are those of its name.</param>
public sealed record BackupFiles(Func<Sql, Task<List<string>>> Names, Func<string, Stream?> Open, Func<string, Stream, CancellationToken, Task> Keep);
