using United.Core;
using United.Core.Identity;
using United.Core.Media;
using United.Core.Messages;
using United.Core.Moderation;

namespace United.Server.Hosting.Settings;

/// <summary>The settings of the rules: limits, registration, the message log.</summary>
internal static class CoreSettings
{
    public static CoreOptions Read(SettingsReader settings, string dataDirectory)
    {
        var registration = settings.OneOf("Registration", ["invite", "open", "closed"], "Who may make an account, until the server's own settings say otherwise.");
        return new CoreOptions
        {
            Identity = new IdentityOptions(dataDirectory, Limits(settings), new SettingsValues { Registration = RegistrationModes.Parse(registration)!.Value }),
            Media = Media(settings, dataDirectory),
            Log = new MessageLogOptions
            {
                Lanes = settings.Whole("MessageLog:Lanes", 2, 1, 8, "", "Writers on PostgreSQL. More than two win nothing unless commits are slow. SQLite has one."),
                QueueLength = settings.Whole("MessageLog:QueueLength", 4096, 1, 100_000, "changes", "What may wait in a lane before senders are told to come back (503)."),
                QueueBytes = settings.Whole("MessageLog:QueueMegabytes", 16, 1, 1024, "MiB", "The same, by size.") * 1024L * 1024,
                Words = Words(settings),
            },
        };
    }

    private static MediaOptions Media(SettingsReader settings, string dataDirectory)
    {
        var directory = settings.Text("Media:Directory", "", "a directory", "Where uploaded files lie; nodes on one database share it. Empty: media in the data directory.");
        return new MediaOptions
        {
            Directory = directory.Length > 0 ? directory : Path.Combine(dataDirectory, "media"),
            MostBytes = settings.Whole("Limits:UploadMegabytes", 50, 1, 1024, "MiB", "The largest file that may be uploaded.") * 1024L * 1024,
            QuotaBytes = settings.Whole("Limits:UploadQuotaMegabytes", 1024, 1, 1_000_000, "MiB", "What one account may have uploaded in all.") * 1024L * 1024,
        };
    }

    private static WordList Words(SettingsReader settings)
    {
        const string Key = "MessageLog:WordList";
        var path = settings.Text(Key, "", "a file, one word a line", "Words that flag a message for the moderators, in place of the list that comes along. An empty file flags nothing.");
        try
        {
            return path.Length == 0 ? WordList.Default : new WordList(File.ReadLines(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            settings.Wrong(Key, e.Message.TrimEnd('.'));
            return WordList.Empty;
        }
    }

    private static LimitsOptions Limits(SettingsReader settings)
    {
        return new LimitsOptions
        {
            LogInsPerMinutePerAccount = Rate("LogInsPerMinutePerAccount", 5, "wrong passwords", "Wrong passwords a minute for one account."),
            LogInsPerMinutePerAddress = Rate("LogInsPerMinutePerAddress", 30, "log-ins", "Log-ins a minute from one address, right or wrong."),
            LongestLogInDelaySeconds = Rate("LongestLogInDelaySeconds", 60, "seconds", "The longest wait after repeated wrong passwords. It doubles up to this."),
            ChallengesPerMinute = Rate("ChallengesPerMinute", 30, "challenges", "Challenges a minute for signing in with a key, from one address."),
            RefreshesPerMinute = Rate("RefreshesPerMinute", 10, "renewals", "Renewals of tokens a minute, of one session."),
            RegistrationsPerHour = Rate("RegistrationsPerHour", 3, "accounts", "New accounts an hour from one address."),
            InviteProbesPerHour = Rate("InviteProbesPerHour", 10, "tries", "Invalid invitations tried an hour from one address."),
            MessagesPerSecond = Rate("MessagesPerSecond", 10, "messages", "Messages a second from one account, in the long run; edits, deletions and reactions count as messages."),
            MessageBurst = Rate("MessageBurst", 30, "messages", "Messages from one account that may come at once."),
            ConversationsPerHour = Rate("ConversationsPerHour", 60, "conversations", "Groups, direct and encrypted conversations that one account may make in an hour; opening one that is there is not counted."),
            GroupChangesPerMinute = Rate("GroupChangesPerMinute", 60, "changes", "Changes of groups (name, picture, members, roles) a minute by one account; leaving is not counted."),
            ChannelChangesPerMinute = Rate("ChannelChangesPerMinute", 300, "changes", "Channels (made, changed, deleted) and their members, a minute by one account; leaving is not counted."),
            TypingSeconds = Rate("TypingSeconds", 2, "seconds", "Least time between two typing signs of an account in one conversation."),
            StatusChangesPerMinute = Rate("StatusChangesPerMinute", 30, "changes", "Times a minute that one account may set its status (online, away, dnd)."),
            SearchesPerMinute = Rate("SearchesPerMinute", 10, "searches", "Searches a minute of one account."),
            ReportsPerMinute = Rate("ReportsPerMinute", 10, "reports", "Messages a minute that one account may report to the moderators."),
            UploadsPerMinute = Rate("UploadsPerMinute", 20, "uploads", "Uploads a minute of one account."),
            UploadsPerMinutePerAddress = Rate("UploadsPerMinutePerAddress", 120, "uploads", "Uploads a minute from one address, of all accounts there."),
            RequestsPerSecond = Rate("RequestsPerSecond", 100, "requests", "HTTP requests a second of one account, in the long run; of one address where they belong to no account."),
            RequestBurst = Rate("RequestBurst", 1000, "requests", "HTTP requests of one account, or of one address where they belong to none, that may come at once."),
            FramesPerSecond = Rate("FramesPerSecond", 50, "frames", "Frames a second on one socket, in the long run."),
            FrameBurst = Rate("FrameBurst", 200, "frames", "Frames on one socket that may come at once."),
            SocketsPerUser = Rate("SocketsPerUser", 20, "sockets", "Sockets of one account at a time."),
            SocketsPerAddress = Rate("SocketsPerAddress", 200, "sockets", "Sockets from one address at a time; loopback may hold any number."),
        };

        int Rate(string name, int usual, string unit, string meaning) => settings.Whole("Limits:" + name, usual, 1, 1_000_000, unit, meaning);
    }
}
