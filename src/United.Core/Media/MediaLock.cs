using System.Buffers.Binary;
using United.Core.Storage;

namespace United.Core.Media;

/// <summary>
/// One decision at a time about the file of a hash, over all nodes: an upload puts it there and commits a row that needs it, a collection finds no such
/// row and takes it away. Whichever comes second sees what the first one did. SQLite has one writer.
/// </summary>
internal static class MediaLock
{
    // The space of two-part keys is apart from that of whole ones; hashes that share their first bytes only wait for each other.
    private const int Space = 0x6D656469;

    /// <summary>Until the end of the transaction. What is asked after it is asked by a later statement.</summary>
    public static Task Take(Sql sql, byte[] hash) => sql.IsPostgres
        ? sql.Execute("select pg_advisory_xact_lock(@space, @hash)", ("space", Space), ("hash", BinaryPrimitives.ReadInt32BigEndian(hash)))
        : Task.CompletedTask;
}
