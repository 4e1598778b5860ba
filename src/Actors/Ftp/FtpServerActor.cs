using Akka.Actor;

namespace ActorLogArchive.Actors.Ftp;

/// <summary>Runs the FTP server and restarts it when it fails.</summary>
public sealed class FtpServerActor : ReceiveActor;
