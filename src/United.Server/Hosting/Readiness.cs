using United.Core.Storage;

namespace United.Server.Hosting;

/// <summary>Whether a balancer should send people here: the database answers, and nobody has told the program to stop.</summary>
internal sealed class Readiness(Database database, IHostApplicationLifetime lifetime)
{
    // A probe is asked every few seconds: it must not pile up behind a database that hangs.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public bool Stopping => lifetime.ApplicationStopping.IsCancellationRequested;

    public async Task<bool> DatabaseAnswers(CancellationToken ct)
    {
        try
        {
            return await database.Read(sql => sql.Exists("select 1"), ct).WaitAsync(Patience, ct);
        }
        catch (Exception e) when (e is DatabaseUnavailableException or TimeoutException)
        {
            return false;
        }
    }
}
