"""What only Windows can tell apart: logons, Kerberos and NTLM, the registry, injected threads, PowerShell."""

from __future__ import annotations

from simulator import EventType, Field

_PID = {"integer": {"min": 1000, "max": 65000}}

_HOST = Field("host", "host", required=True, help="the machine that it happens on")
_USER = Field("user", "user", required=True)
_TARGET = Field("target", "user", required=True)
_SOURCE = Field("source", "endpoint", help="where it came from; nothing when it was done at the machine itself")
_REQUIRED_SOURCE = Field("source", "endpoint", required=True, help="the machine that asked")
_SOURCE_PORT = Field("source_port", "integer", {"integer": {"min": 49152, "max": 65535}})
_LOGON = Field("logon", "identifier", width=4, help="the logon session: LogonId")
_LOGON_TYPE = Field("logon_type", "code", 3, help="2 interactive, 3 network, 5 service, 9 runas /netonly, 10 RDP …")
_PACKAGE = Field("package", "text", help="Kerberos, NTLM or Negotiate; what is usual for the logon type when not given")
_WORKSTATION = Field("workstation", "text", help="NetBIOS name that the client gave; its own when not given")
_CALL_TRACE = (
    "C:\\Windows\\SYSTEM32\\ntdll.dll+9d4c4|C:\\Windows\\System32\\KERNELBASE.dll+2c13e|"
    "C:\\Windows\\System32\\RPCRT4.dll+7a3c3"
)
_STATUS = Field("status", "text", "0x0", help="result code in hex")


def _process(*, required: bool = True) -> tuple[Field, ...]:
    return (
        Field("image", "text", required=required, inherits="image", help="full path of the program that does it"),
        Field("pid", "integer", _PID, inherits="pid"),
        Field("process", "identifier", width=16, help="ProcessGuid"),
    )


_BROKER = (
    Field("image", "text", help="the program that let them in; what is usual for the logon type when not given"),
    Field("pid", "integer", _PID),
    Field("process", "identifier", width=16, inherits=""),
)
_NEW_LOGON = Field("logon", "identifier", width=4, inherits="", help="the new session: LogonId")
_LOGON_TYPE_OF_SESSION = Field("logon_type", "code", 3, inherits="logon_type", help="as at the logon")
_TARGET_PROCESS = (
    Field(
        "target_image", "text", required=True, inherits="target_image", help="full path of the program it is done to"
    ),
    Field("target_pid", "integer", _PID, inherits="target_pid"),
    Field("target_process", "identifier", width=16),
)

_LOGONS = (
    EventType(
        "logon.succeeded",
        "An account was logged on",
        (
            _HOST,
            _USER,
            _SOURCE,
            _SOURCE_PORT,
            _NEW_LOGON,
            _LOGON_TYPE,
            _PACKAGE,
            _WORKSTATION,
            Field("logon_guid", "identifier", width=16, help="the same in the service ticket that was used"),
            Field(
                "caller_logon",
                "identifier",
                width=4,
                inherits="logon",
                help="the session that asked, where a user did (type 9)",
            ),
            *_BROKER,
        ),
    ),
    EventType(
        "logon.failed",
        "An account failed to log on",
        (
            _HOST,
            _USER,
            _SOURCE,
            _SOURCE_PORT,
            Field("cause", "text", help="bad_password, unknown_user, locked_out, disabled, expired, not_granted …"),
            _LOGON_TYPE,
            _PACKAGE,
            _WORKSTATION,
            *_BROKER,
        ),
    ),
    EventType("logon.ended", "A logon session ended", (_HOST, _USER, _LOGON, _LOGON_TYPE_OF_SESSION)),
    EventType(
        "logon.explicit",
        "A process used somebody's credentials",
        (
            _HOST,
            _USER,
            _LOGON,
            Field("target", "user", required=True, help="whose credentials were used"),
            Field("server", "endpoint", help="where they were used; the machine itself when not given"),
            Field("service", "text", help="service class they were used for: cifs, host, ldap, TERMSRV"),
            _SOURCE,
            _SOURCE_PORT,
            *_process(required=False),
        ),
    ),
    EventType("logon.privileged", "A new logon got special privileges", (_HOST, _USER, _LOGON)),
)

_AUTHENTICATION = (
    EventType(
        "kerberos.tgt_requested",
        "A ticket-granting ticket was asked of a domain controller",
        (
            _HOST,
            _USER,
            _REQUIRED_SOURCE,
            _SOURCE_PORT,
            _STATUS,
            Field("encryption", "text", "0x12", help="0x12 AES256, 0x11 AES128, 0x17 RC4"),
            Field("preauthentication", "code", 2, help="0 none, 2 encrypted timestamp, 15 smart card"),
            Field("options", "text", "0x40810010"),
        ),
    ),
    EventType(
        "kerberos.service_requested",
        "A service ticket was asked of a domain controller",
        (
            _HOST,
            _USER,
            _REQUIRED_SOURCE,
            _SOURCE_PORT,
            Field("service", "text", help="account of the service; the server's when not given"),
            Field("server", "host", help="the machine that the service runs on; the domain controller when not given"),
            _STATUS,
            Field("encryption", "text", "0x12"),
            Field("options", "text", "0x40810000"),
            Field("logon_guid", "identifier", width=16),
        ),
    ),
    EventType(
        "kerberos.preauthentication_failed",
        "A domain controller refused to give a ticket",
        (
            _HOST,
            _USER,
            _REQUIRED_SOURCE,
            _SOURCE_PORT,
            Field("status", "text", "0x18", help="0x18 wrong password, 0x12 disabled or locked out, 0x17 expired"),
        ),
    ),
    EventType(
        "ntlm.validated",
        "A domain controller checked credentials by NTLM",
        (_HOST, _USER, _SOURCE, _WORKSTATION, _STATUS),
    ),
    EventType(
        "account.locked_out",
        "An account was locked out",
        (_HOST, Field("user", "user", required=True, help="who was locked out"), _SOURCE),
    ),
    EventType(
        "audit_log.cleared",
        "An event log was cleared",
        (_HOST, _USER, _LOGON, Field("channel", "text", "Security")),
    ),
    EventType(
        "scheduled_task.created",
        "A scheduled task was created",
        (
            _HOST,
            _USER,
            _LOGON,
            Field("task", "text", required=True, help=r"its path among the tasks: \Updater"),
            Field("command", "text", required=True, help="the program it starts"),
            Field("arguments", "text"),
            Field("run_as", "text", help="account that it runs as; the creator when not given"),
            Field("run_level", "text", "LeastPrivilege", help="or HighestAvailable"),
        ),
    ),
)

_INSIDE_PROCESSES = (
    EventType(
        "image.loaded",
        "A process loaded a module",
        (_HOST, _USER, *_process(), Field("loaded", "text", required=True, help="full path of the module")),
    ),
    EventType(
        "thread.created_remotely",
        "A process started a thread in another",
        (
            _HOST,
            _USER,
            *_process(),
            *_TARGET_PROCESS,
            Field("start_address", "text", "0x00007FFB5C8E0570"),
            Field("start_module", "text", help="full path of the module that the thread starts in, if any"),
            Field("start_function", "text"),
        ),
    ),
    EventType(
        "process.accessed",
        "A process opened another",
        (
            _HOST,
            _USER,
            *_process(),
            *_TARGET_PROCESS,
            Field("granted_access", "text", "0x1410", help="access mask in hex"),
            Field("call_trace", "text", _CALL_TRACE, help="the stack that it was opened from"),
        ),
    ),
    EventType(
        "process.tampered",
        "A process's image was changed",
        (_HOST, _USER, *_process(), Field("kind", "text", "Image is replaced", help="or Image is locked for access")),
    ),
    EventType(
        "pipe.created", "A named pipe was created", (_HOST, _USER, *_process(), Field("pipe", "text", required=True))
    ),
    EventType(
        "pipe.connected",
        "A named pipe was connected to",
        (_HOST, _USER, *_process(), Field("pipe", "text", required=True)),
    ),
)

_REGISTRY = (
    EventType(
        "registry.key_changed",
        "A registry key or value was added or deleted",
        (
            _HOST,
            _USER,
            *_process(),
            Field("change", "text", "CreateKey", help="CreateKey, DeleteKey or DeleteValue"),
            Field("key", "text", required=True, help=r"in Sysmon's short form: HKLM\SOFTWARE\…, HKU\S-1-5-21-…\…"),
        ),
    ),
    EventType(
        "registry.value_set",
        "A registry value was set",
        (
            _HOST,
            _USER,
            *_process(),
            Field("key", "text", required=True, help=r"with the value's name: HKLM\SOFTWARE\…\Run\Updater"),
            Field("details", "text", required=True, help="what was set: text, DWORD (0x00000001) or Binary Data"),
        ),
    ),
)

_POWERSHELL_EXE = r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe"
_POWERSHELL = (
    EventType(
        "powershell.script_block",
        "PowerShell compiled a script block",
        (
            _HOST,
            _USER,
            Field("script", "text", required=True, help="its text"),
            Field("path", "text", help="the file it came from, if any"),
            Field("script_block", "identifier", width=16, inherits=""),
            Field("pid", "integer", _PID, inherits="pid"),
            Field("level", "text", "verbose", help="warning where PowerShell itself finds it suspicious"),
        ),
    ),
    EventType(
        "powershell.module_logged",
        "PowerShell ran a command",
        (
            _HOST,
            _USER,
            Field("command", "text", required=True, help="the command's name: Get-ADUser"),
            Field("command_type", "text", "Cmdlet", help="Cmdlet, Function, Script or Application"),
            Field(
                "payload",
                "text",
                help="CommandInvocation(…) and ParameterBinding(…) lines; the plain call if not given",
            ),
            Field("host_application", "text", _POWERSHELL_EXE, inherits="command_line", help="its own command line"),
            Field("script", "text", help="the file that it was called from, if any"),
            Field("host_id", "identifier", width=16, help="the same for all commands of one PowerShell process"),
            Field("runspace", "identifier", width=16),
            Field("pid", "integer", _PID, inherits="pid"),
        ),
    ),
)

EVENT_TYPES = (*_LOGONS, *_AUTHENTICATION, *_INSIDE_PROCESSES, *_REGISTRY, *_POWERSHELL)
