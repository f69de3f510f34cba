namespace United.Core.Moderation;

/// <summary>How often things may be done (settings <c>Limits:*</c>). Every value is at least 1.</summary>
public sealed class LimitsOptions
{
    /// <summary>Wrong passwords per account.</summary>
    public int LogInsPerMinutePerAccount { get; set; } = 5;

    /// <summary>Log-ins, right or wrong, per address.</summary>
    public int LogInsPerMinutePerAddress { get; set; } = 30;

    /// <summary>Longest wait, in seconds, after repeated wrong passwords for one account. It doubles up to this, and never locks out.</summary>
    public int LongestLogInDelaySeconds { get; set; } = 60;

    /// <summary>Challenges for signing in with a key, per address.</summary>
    public int ChallengesPerMinute { get; set; } = 30;

    /// <summary>Renewals of tokens, per session.</summary>
    public int RefreshesPerMinute { get; set; } = 10;

    /// <summary>Accounts made, per address.</summary>
    public int RegistrationsPerHour { get; set; } = 3;

    /// <summary>Invitations tried that are not valid, per address.</summary>
    public int InviteProbesPerHour { get; set; } = 10;

    /// <summary>Messages per account, edits, deletions and reactions included.</summary>
    public int MessagesPerSecond { get; set; } = 10;

    /// <summary>Messages that may come at once, per account.</summary>
    public int MessageBurst { get; set; } = 30;

    /// <summary>Groups, direct and encrypted conversations that an account may make; opening one that is there is not counted.</summary>
    public int ConversationsPerHour { get; set; } = 60;

    /// <summary>Changes of groups by an account: name, picture, members and their roles. Leaving is not counted.</summary>
    public int GroupChangesPerMinute { get; set; } = 60;

    /// <summary>Channels that an account makes, changes or deletes, and members of theirs that it lets in or takes out. Leaving is not counted.</summary>
    public int ChannelChangesPerMinute { get; set; } = 300;

    /// <summary>Seconds between two typing signs of an account in one conversation.</summary>
    public int TypingSeconds { get; set; } = 2;

    /// <summary>How an account wants to be found: settings of a status by hand, also to what it is already.</summary>
    public int StatusChangesPerMinute { get; set; } = 30;

    /// <summary>Searches per account.</summary>
    public int SearchesPerMinute { get; set; } = 10;

    /// <summary>Messages that an account may report to the moderators.</summary>
    public int ReportsPerMinute { get; set; } = 10;

    /// <summary>Uploads per account.</summary>
    public int UploadsPerMinute { get; set; } = 20;

    /// <summary>Uploads per address, of all accounts there.</summary>
    public int UploadsPerMinutePerAddress { get; set; } = 120;

    /// <summary>HTTP requests per account, or per address where they belong to none.</summary>
    public int RequestsPerSecond { get; set; } = 100;

    /// <summary>HTTP requests that may come at once, per account, or per address where they belong to none.</summary>
    public int RequestBurst { get; set; } = 1000;

    /// <summary>Frames per connection.</summary>
    public int FramesPerSecond { get; set; } = 50;

    /// <summary>Frames that may come at once, per connection.</summary>
    public int FrameBurst { get; set; } = 200;

    /// <summary>Connections that an account may hold at a time.</summary>
    public int SocketsPerUser { get; set; } = 20;

    /// <summary>Connections that an address may hold at a time; loopback may hold any number.</summary>
    public int SocketsPerAddress { get; set; } = 200;

    internal Rate RateOf(Limit limit) => limit switch
    {
        Limit.LogInByAccount => Rate.Per(LogInsPerMinutePerAccount, TimeSpan.FromMinutes(1)),
        Limit.LogInByAddress => Rate.Per(LogInsPerMinutePerAddress, TimeSpan.FromMinutes(1)),
        Limit.Challenge => Rate.Per(ChallengesPerMinute, TimeSpan.FromMinutes(1)),
        Limit.Refresh => Rate.Per(RefreshesPerMinute, TimeSpan.FromMinutes(1)),
        Limit.Register => Rate.Per(RegistrationsPerHour, TimeSpan.FromHours(1)),
        Limit.InviteProbe => Rate.Per(InviteProbesPerHour, TimeSpan.FromHours(1)),
        Limit.Message => new Rate(TimeSpan.FromSeconds(1) / MessagesPerSecond, MessageBurst),
        Limit.Conversation => Rate.Per(ConversationsPerHour, TimeSpan.FromHours(1)),
        Limit.GroupChange => Rate.Per(GroupChangesPerMinute, TimeSpan.FromMinutes(1)),
        Limit.ChannelChange => Rate.Per(ChannelChangesPerMinute, TimeSpan.FromMinutes(1)),
        Limit.Typing => new Rate(TimeSpan.FromSeconds(TypingSeconds), 1),
        Limit.Status => Rate.Per(StatusChangesPerMinute, TimeSpan.FromMinutes(1)),
        Limit.Search => Rate.Per(SearchesPerMinute, TimeSpan.FromMinutes(1)),
        Limit.Report => Rate.Per(ReportsPerMinute, TimeSpan.FromMinutes(1)),
        Limit.Upload => Rate.Per(UploadsPerMinute, TimeSpan.FromMinutes(1)),
        Limit.UploadByAddress => Rate.Per(UploadsPerMinutePerAddress, TimeSpan.FromMinutes(1)),
        Limit.Request => new Rate(TimeSpan.FromSeconds(1) / RequestsPerSecond, RequestBurst),
        Limit.Frame => new Rate(TimeSpan.FromSeconds(1) / FramesPerSecond, FrameBurst),
        _ => throw new ArgumentOutOfRangeException(nameof(limit)),
    };
}

public enum Limit
{
    LogInByAccount,
    LogInByAddress,
    Challenge,
    Refresh,
    Register,
    InviteProbe,
    Message,
    Conversation,
    GroupChange,
    ChannelChange,
    Typing,
    Status,
    Search,
    Report,
    Upload,
    UploadByAddress,
    Request,
    Frame,
}

/// <summary>One token every <paramref name="Interval"/>, up to <paramref name="Burst"/> of them saved.</summary>
internal readonly record struct Rate(TimeSpan Interval, int Burst)
{
    public static Rate Per(int count, TimeSpan time) => new(time / count, count);
}
